"""How it is asked: criteria become nodes, nodes become SQL. Pure: no database, no clock."""
