Feature: Revising an order

  A consumer wants more or less of what was ordered. Quantities and total change when kitchen and accounting have agreed.

  Background:
    Given the restaurant "Ajanta" with the menu
      | id       | name             | price |
      | vindaloo | Chicken Vindaloo | 12.34 |
      | lassi    | Mango Lassi      | 3.99  |
    And an approved order of 2 "vindaloo" and 1 "lassi"

  Scenario: An order is revised
    When the consumer asks for 1 "vindaloo" instead
    Then the order is "RevisionPending"
    And the order costs 28.67
    When kitchen and accounting agree
    Then the order is "Approved"
    And the order costs 16.33

  Scenario: A revision that is not paid for changes nothing
    When the consumer asks for 5 "vindaloo" instead
    And accounting refuses
    Then the order is "Approved"
    And the order costs 28.67

  Scenario: A revision must leave something to pay
    When the consumer asks for nothing at all instead
    Then the request is refused as "NOTHING_LEFT_TO_PAY"
    And the order is "Approved"
