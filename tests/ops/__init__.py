"""What whoever runs Frontdesk is given: the chart, the image, the unit, and what watches them."""
