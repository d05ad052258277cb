"""What `import stopline as sl` gives: a proven plan from a notebook, in words of the papers."""
