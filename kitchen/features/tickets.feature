Feature: Tickets
  A ticket tells a restaurant what to cook. It follows its order: it appears when the order is paid for, and changes or goes with it.

  Scenario: A restaurant gets a ticket
    Given a restaurant that serves soup and cake
    When an order of 2 soup and 1 cake is placed
    Then the ticket is CreatePending
    When the order is paid for
    Then the ticket is AwaitingAcceptance
    And the other services hear TicketCreated

  Scenario: An order that is not paid for leaves nothing behind
    Given a restaurant that serves soup and cake
    And an order of 2 soup and 1 cake is placed
    When the order is not paid for
    Then the ticket is Cancelled
    And the other services hear nothing

  Scenario: A restaurant accepts a ticket
    Given a ticket of 2 soup and 1 cake
    When the restaurant accepts it
    Then the ticket is Accepted
    And the other services hear TicketAccepted

  Scenario: A restaurant can't promise food for the past
    Given a ticket of 2 soup and 1 cake
    When the restaurant accepts it to be ready yesterday
    Then the restaurant is refused with 422
    And the ticket is AwaitingAcceptance

  Scenario: A cancelled order takes its ticket with it
    Given a ticket of 2 soup and 1 cake
    And the restaurant accepts it
    When the order is being cancelled
    Then the ticket is CancelPending
    When the order is cancelled
    Then the ticket is Cancelled
    And the other services hear TicketCancelled

  Scenario: An order that could not be cancelled is cooked
    Given a ticket of 2 soup and 1 cake
    And the restaurant accepts it
    When the order is being cancelled
    And the order is not cancelled
    Then the ticket is Accepted

  Scenario: A revised order changes its ticket
    Given a ticket of 2 soup and 1 cake
    When the order is being revised to 3 soup
    Then the ticket is RevisionPending
    When the order is revised to 3 soup
    Then the ticket is AwaitingAcceptance
    And the ticket says 3 soup and 1 cake
    And the other services hear TicketRevised

  Scenario: A revision that could not be paid for changes nothing
    Given a ticket of 2 soup and 1 cake
    When the order is being revised to 9 cake
    And the order is not revised
    Then the ticket is AwaitingAcceptance
    And the ticket says 2 soup and 1 cake
