Feature: Accounts
  Every consumer has an account. Orders are authorized on it before they are approved.

  Scenario: A new consumer gets an account
    When Ann registers
    Then there is an enabled account of Ann

  Scenario: The news of a consumer arrive the wrong way round
    Given Ann has taken the name Bea before accounting heard of her registration
    And there is no account yet
    When the registration of Ann arrives
    Then there is an enabled account of Bea

  Scenario: An order is authorized
    Given an account of Ann
    When an order of 12.00 is to be authorized
    Then the order is authorized

  Scenario: Nothing is authorized on a disabled account
    Given an account of Ann
    And the account is disabled
    When an order of 12.00 is to be authorized
    Then the order is refused, because the account is disabled

  Scenario: An account is enabled again
    Given an account of Ann
    And the account is disabled
    And the account is enabled
    When an order of 12.00 is to be authorized
    Then the order is authorized

  Scenario: A revised order is authorized for its new total
    Given an account of Ann
    And an authorized order of 12.00
    When its authorization is revised to 9.00
    Then 9.00 are authorized for the order

  Scenario: A cancelled order is paid back
    Given an account of Ann
    And an authorized order of 12.00
    When its authorization is reversed
    Then nothing is authorized for the order

  Scenario: A cancelled order stays authorized while the account is disabled
    Given an account of Ann
    And an authorized order of 12.00
    And the account is disabled
    When its authorization is reversed
    Then the order is refused, because the account is disabled
    And 12.00 are authorized for the order
