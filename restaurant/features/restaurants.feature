Feature: Restaurants
  A restaurant joins with its name, its address and its menu, and changes its menu whenever it likes.

  Scenario: A restaurant joins
    When Ajanta joins with a menu of soup, cake
    Then everybody can read that Ajanta serves soup, cake
    And the other services hear RestaurantCreated with soup, cake

  Scenario: A restaurant revises its menu
    Given Ajanta has joined with a menu of soup, cake
    When Ajanta revises its menu to tea, soup
    Then everybody can read that Ajanta serves tea, soup
    And the other services hear RestaurantMenuRevised with tea, soup

  Scenario: A menu names every item once
    Given Ajanta has joined with a menu of soup, cake
    When Ajanta revises its menu to tea, tea
    Then the revision is refused with 400
    And everybody can read that Ajanta serves soup, cake
