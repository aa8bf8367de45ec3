"""What several tests share; import as ``from support.invariants import check_invariants``."""
