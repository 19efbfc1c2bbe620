Feature: Looking back on orders

  Consumers look for what they ordered: the newest first, by restaurant and dish, by status and time. The history follows the orders' news,
  which may arrive late and in any order.

  Scenario: An approved order
    Given Ann has ordered "Chicken Vindaloo" from "Ajanta"
    When the order is approved
    Then Ann's history shows the order as Approved

  Scenario: A revised order
    Given Ann has ordered "Chicken Vindaloo" from "Ajanta"
    And the order is approved
    When the order is revised to 3 of "Chicken Vindaloo" for 37.02
    Then Ann's history shows the order as Approved
    And it shows 3 of "Chicken Vindaloo" and a total of 37.02

  Scenario: The news of the cancellation overtakes that of the order
    Given Ann's order from "Ajanta" was cancelled before its news arrived
    When the news of the order arrives
    Then Ann's history shows the order as Cancelled

  Scenario: Searching by restaurant and dish
    Given Ann has ordered "Chicken Vindaloo" from "Ajanta"
    And Ann has ordered "Chicken Pizza" from "Pizza Palast"
    When Ann looks for "chicken ajanta"
    Then she finds 1 order, from "Ajanta"

  Scenario: Nobody sees the orders of others
    Given Ann has ordered "Chicken Vindaloo" from "Ajanta"
    When Bob looks for "chicken"
    Then he finds no order

  Scenario: Turning pages
    Given Ann has placed 45 orders
    When Ann turns the pages of her history, 20 orders each
    Then she sees 3 pages with every order once, newest first
