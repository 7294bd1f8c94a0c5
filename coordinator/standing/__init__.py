"""Goals that stand: done again at set times, or watched over until a person ends them."""
