Feature: Bringing food to the consumer

  A delivery is opened with the order. When the restaurant accepts the ticket and says when the food is ready, a courier gets a
  pick-up at the restaurant and a drop-off at the consumer's door half an hour later.

  Scenario: The restaurant accepts the ticket
    Given an order at Ajanta
    And an available courier
    When the ticket is accepted, to be ready at 18:00
    Then the delivery is scheduled with that courier
    And the courier picks it up at the restaurant at 18:00
    And the courier drops it off at the consumer's door at 18:30

  Scenario: No courier is available
    Given an order at Ajanta
    And a courier who is not available
    When the ticket is accepted, to be ready at 18:00
    Then the delivery is scheduled with another courier

  Scenario: Two couriers take turns
    Given two available couriers
    When the tickets of 4 orders are accepted
    Then each courier has 2 deliveries

  Scenario: The ticket is cancelled
    Given an order at Ajanta
    And an available courier
    And the ticket is accepted, to be ready at 18:00
    When the ticket is cancelled
    Then the delivery is cancelled
    And the courier has nothing to do

  Scenario: The news of the cancellation overtakes that of the acceptance
    Given an order at Ajanta
    When the ticket is cancelled
    And the ticket is accepted, to be ready at 18:00
    Then the delivery is cancelled
