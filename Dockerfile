# One image serves the coordinator, the agents and the simulated world; docker-compose.yml says which is which.

FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/parley
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir uv==0.13.8
ENV UV_PYTHON_DOWNLOADS=never \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy
# llama.cpp is compiled for any x86-64 machine with AVX2 rather than for the one that builds the image, and in a layer
# of its own that a change of our code does not rebuild.
ENV CMAKE_ARGS="-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_CURL=OFF"
COPY pyproject.toml uv.lock ./
RUN CMAKE_BUILD_PARALLEL_LEVEL="$(nproc)" .venv/bin/uv sync --frozen --no-dev --no-install-project
COPY . .
RUN .venv/bin/uv sync --frozen --no-dev
# The encoder is converted once, here: containers start without a download.
ENV XDG_CACHE_HOME=/opt/parley/cache
RUN .venv/bin/parley setup encoder

FROM python:3.11-slim-bookworm
# llama.cpp computes with OpenMP threads.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 parley \
    && install -d -o parley -g parley /var/lib/parley
COPY --from=build /opt/parley /opt/parley
ENV PATH=/opt/parley/.venv/bin:$PATH \
    XDG_CACHE_HOME=/opt/parley/cache \
    PARLEY_STATE_DIR=/var/lib/parley
USER parley
WORKDIR /opt/parley
VOLUME /var/lib/parley
ENTRYPOINT ["parley"]
CMD ["--help"]
