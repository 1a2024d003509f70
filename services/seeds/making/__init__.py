"""How the seed's data files were made out of their public sources; nothing here runs when Pannier runs."""
