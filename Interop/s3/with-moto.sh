#!/bin/sh
# with-moto.sh COMMAND [ARGUMENT…]
#
# Starts moto's S3 server on a free port, runs the command with VESTIBULE_TEST_S3_ENDPOINT set to it, stops the server,
# and exits as the command did. VESTIBULE_PYTHON names a Python that has `moto[server]`; by default .build/venv's.
set -eu

if [ $# -eq 0 ]; then
    echo "with-moto.sh: no command given; for example: $0 swift test --filter VestibuleBucketsTests" >&2
    exit 2
fi
python=${VESTIBULE_PYTHON:-.build/venv/bin/python}
if ! "$python" -c 'import moto.server' 2>/dev/null; then
    echo "with-moto.sh: $python has no moto[server]; run 'make test', or pip install 'moto[server]' there" >&2
    exit 2
fi

scratch=$(mktemp -d)
server=
stop() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The server takes port 0, that is any free one, and writes down which it was.
"$python" "$(dirname "$0")/moto_on_free_port.py" "$scratch/port" >"$scratch/log" 2>&1 &
server=$!

tries=0
while [ ! -s "$scratch/port" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then
        echo "with-moto.sh: moto did not start; it said:" >&2
        cat "$scratch/log" >&2
        exit 2
    fi
    sleep 0.1
done

status=0
VESTIBULE_TEST_S3_ENDPOINT="http://127.0.0.1:$(cat "$scratch/port")" "$@" || status=$?
exit "$status"
