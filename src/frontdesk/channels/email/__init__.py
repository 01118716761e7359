"""E-mail in: `listener` takes messages off the wire, `parse` reads them."""
