// Gives the precompiled headers of heavy.h a target to live in.
