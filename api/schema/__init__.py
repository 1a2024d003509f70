"""Nouns: what each audience can see; types, inputs and unions."""
