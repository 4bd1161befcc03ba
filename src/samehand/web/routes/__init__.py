"""The pages of the app, by what they are about."""
