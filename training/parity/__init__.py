"""Whether llama.cpp says what PyTorch was trained to say."""
