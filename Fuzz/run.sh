#!/bin/bash
# Builds the fuzz targets and runs each for a while: Fuzz/run.sh SECONDS [TARGET]…  (json envelope jws jwks sse yaml schema mcp)
# Exits 0 where nothing was found; a finding lies in Fuzz/.build/findings.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(json envelope jws jwks sse yaml schema mcp)

product() {
    case $1 in
        json) echo FuzzJSON ;; envelope) echo FuzzEnvelope ;; jws) echo FuzzJWS ;;
        jwks) echo FuzzJWKS ;; sse) echo FuzzSSE ;; yaml) echo FuzzYAML ;;
        schema) echo FuzzSchema ;; mcp) echo FuzzMCP ;;
        *) echo "no fuzz target is called $1; there are json, envelope, jws, jwks, sse, yaml, schema and mcp" >&2; return 2 ;;
    esac
}

# The configuration is a product for fuzzers alone. Without testability the reader of it could not be reached; gold
# fails on the debug information of sanitised code, so lld links.
export VESTIBULE_FUZZ=1
flags=(--configuration release --sanitize address
    -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld -Xswiftc -enable-testing)

for target in "${targets[@]}"; do
    name=$(product "$target")
    ${SWIFT:-swift} build "${flags[@]}" --product "$name"
done

mkdir -p .build/findings
failed=()
for target in "${targets[@]}"; do
    name=$(product "$target")
    grown=.build/corpus/$target
    mkdir -p "$grown"
    echo "fuzz $target for $seconds s"
    # Swift's own backtrace would wait for the sanitiser's; leaks at exit are those of the runtime's caches.
    SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:abort_on_error=0 \
        ".build/release/$name" -max_total_time="$seconds" -timeout=10 -max_len="${MAX_LEN:-4096}" \
        -dict="Dictionaries/$target.dict" -artifact_prefix=".build/findings/$target-" -print_final_stats=1 \
        "$grown" "Corpus/$target" >".build/$target.log" 2>&1 </dev/null || failed+=("$target")
    grep -E '^(stat::number_of_executed_units|stat::average_exec_per_sec|Fatal error|.*invariant:|SUMMARY)' \
        ".build/$target.log" || true
done

if [ ${#failed[@]} -gt 0 ]; then
    echo "findings in ${failed[*]}: see Fuzz/.build/*.log and Fuzz/.build/findings" >&2
    exit 1
fi
echo "nothing found in ${targets[*]}"
