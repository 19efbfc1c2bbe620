Feature: Cancelling an order

  A consumer changes their mind. Until kitchen and accounting have agreed, the order is held.

  Background:
    Given the restaurant "Ajanta" with the menu
      | id       | name             | price |
      | vindaloo | Chicken Vindaloo | 12.34 |
      | lassi    | Mango Lassi      | 3.99  |
    And an approved order of 2 "vindaloo" and 1 "lassi"

  Scenario: An order is cancelled
    When the consumer cancels the order
    Then the order is "CancelPending"
    When kitchen and accounting agree
    Then the order is "Cancelled"

  Scenario: An order whose ticket can not be cancelled stays approved
    When the consumer cancels the order
    And the kitchen refuses
    Then the order is "Approved"

  Scenario: An order is held by one request at a time
    When the consumer cancels the order
    And the consumer cancels the order
    Then the request is refused as "ORDER_STATE"
