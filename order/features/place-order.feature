Feature: Placing an order

  A consumer orders food from a restaurant. The order is approved once the consumer is known, the kitchen can make it and it is
  paid for; otherwise it is rejected, and nothing is left behind.

  Background:
    Given the restaurant "Ajanta" with the menu
      | id       | name             | price |
      | vindaloo | Chicken Vindaloo | 12.34 |
      | lassi    | Mango Lassi      | 3.99  |

  Scenario: An order is approved
    When a consumer orders 2 "vindaloo" and 1 "lassi"
    Then the order is "ApprovalPending"
    And the order costs 28.67
    When consumer, kitchen and accounting agree
    Then the order is "Approved"
    And the order has a ticket

  Scenario: An order of a consumer with a disabled account is rejected
    When a consumer orders 2 "vindaloo" and 1 "lassi"
    And accounting refuses
    Then the kitchen has been told to cancel the ticket
    And the order is "Rejected"

  Scenario: An order for what is not on the menu is not taken
    When a consumer orders 1 "pizza" and 1 "lassi"
    Then the order is refused as "MENU_ITEM_NOT_FOUND"

  Scenario: The prices are those of the moment of the order
    When a consumer orders 2 "vindaloo" and 1 "lassi"
    And the restaurant doubles its prices
    Then the order costs 28.67
