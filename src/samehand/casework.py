"""Commands for reviewers: the review app, cases, calibration from decisions."""
