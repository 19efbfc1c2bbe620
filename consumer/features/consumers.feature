Feature: Consumers
  Whoever wants to order food registers first. Everybody who is registered may place orders.

  Scenario: A consumer registers
    When Ann registers
    Then Ann is a consumer
    And the other services hear that Ann has registered

  Scenario: A consumer takes another name
    Given Ann has registered
    When she takes the name Bea
    Then her name is Bea
    And the other services hear that she is called Bea now

  Scenario: A consumer takes the name that she has
    Given Ann has registered
    When she takes the name Ann
    Then her name is Ann
    And the other services hear nothing of it

  Scenario: A click too many
    When Ann's registration is sent twice
    Then one consumer is registered

  Scenario: A consumer orders
    Given Ann has registered
    When an order of hers is to be validated
    Then the order is valid

  Scenario: A stranger orders
    When an order of somebody who never registered is to be validated
    Then the order is refused, because there is no such consumer
