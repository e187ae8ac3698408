"""The edge: how the outside reaches the house. `http` knows no resource, `api` is REST, `web` is the page."""
