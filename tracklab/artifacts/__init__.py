"""How do files and models become versions that never change, and who made and used them?"""
