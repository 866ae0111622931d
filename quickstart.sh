#!/usr/bin/env bash
# Installs Debian packages, builds, and runs the main job: see --help.
set -euo pipefail
cd "$(dirname "$0")"
root=$PWD

usage() {
    cat <<'END'
usage: ./quickstart.sh [--live] [--dir DIR] [--checklist FILE]
       ./quickstart.sh --prepare [PACKAGE...]

Installs what is missing of the Debian packages, builds the program (build/release/countersign), and
shows the whole way: a simulated ledger, three deployments run from a checklist over HTTP, their status, the
proof, a timeline, and the year's report.  The daemon stays; the last lines say where, and what to try next.

  --live            a real ledger with one deployment opened now, left to you
  --dir DIR         where the ledger, keys and reports go (default: ./quickstart), made anew
                    unless it holds a real ledger
  --checklist FILE  run this checklist (default: replay/checklists/blue-green.md)
  --prepare         only install (the named packages too) and build
END
}

build_packages=(gcc libc6-dev cmake ninja-build pkg-config libevent-dev liblmdb-dev libsodium-dev
    libjansson-dev libcurl4-openssl-dev libssl-dev libcmark-gfm-dev libcmark-gfm-extensions-dev
    librabbitmq-dev libarchive-dev libpango1.0-dev libcairo2-dev fonts-roboto-unhinted fonts-dejavu-core
    fonts-noto-ui-core fonts-droid-fallback fonts-symbola)
run_packages=(libcurl4 libarchive13 openssh-client jq) # the libraries are loaded by name, when they are needed

# install PACKAGE...: installs those that are missing; asks for nothing where none is.
install() {
    local missing=() package sudo=()
    for package in "$@"; do
        [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == "install ok installed" ]] ||
            missing+=("$package")
    done
    ((${#missing[@]} > 0)) || return 0
    echo "installing: ${missing[*]}"
    if ((EUID != 0)); then
        command -v sudo >/dev/null || {
            echo "quickstart: needs root or sudo to install: ${missing[*]}" >&2
            exit 3
        }
        sudo=(sudo)
    fi
    mkdir -p build
    {
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
            "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get install -q -y --no-install-recommends "${missing[@]}"
    } >build/install.log 2>&1 || {
        tail -n 20 build/install.log >&2
        echo "quickstart: the packages could not be installed (build/install.log)" >&2
        exit 3
    }
}

build() {
    [[ -f build/release/build.ninja ]] || {
        echo "building"
        cmake --preset release >/dev/null
    }
    cmake --build --preset release -- --quiet
}

live=0 prepare=0 dir=$root/quickstart checklist=replay/checklists/blue-green.md packages=()
while (($# > 0)); do
    case $1 in
    --help | -h) usage; exit 0 ;;
    --live) live=1 ;;
    --dir) dir=${2:?--dir needs a directory}; shift ;;
    --checklist) checklist=${2:?--checklist needs a file}; shift ;;
    --prepare) prepare=1; shift; packages=("$@"); set -- ;;
    *) echo "quickstart: no option $1; --help lists them" >&2; exit 2 ;;
    esac
    (($# == 0)) || shift
done

install "${build_packages[@]}" "${run_packages[@]}" "${packages[@]}"
build
((prepare == 0)) || exit 0

# --- the people, and what they hold; a role that a checklist names besides gets a holder of its own ---
declare -A person=(
    [release manager]=rosa [technical lead]=tom [product manager]=paula [security lead]=sven
    [operations manager]=olga [operations lead]=olga [deployment lead]=dora [dba]=dan [qa lead]=quinn
    [deployer]=dora
)
holder() {
    local role=${1,,}
    printf '%s' "${person[$role]:-$(tr -cs 'a-z0-9\n' '-' <<<"$role" | sed 's/-*$//')}"
}

# --- the plan: what a deployment that goes well does, one act a line, in order of time (minutes from T0) ---
# Reads `checklist show --json`; with $forgetful one item is late.
read -r -d '' plan_program <<'JQ' || true
def ordinal: .id | split(".")[2] | tonumber;
def nulls_out: with_entries(select(.value != null));
def inside: if .op[:1] == "<" then .value * 0.6 elif .op[:1] != ">" then .value
  elif .unit == "%" then (.value + 100) / 2 else .value * 1.5 end;
def value: # .bound: the threshold of the item that a field is nested in
  (.label | ascii_downcase) as $name
  | if .bound then (.bound | inside)
    elif .expectation then (.expectation | tonumber? // .)
    elif .unit == "%" and ($name | test("error")) then 0.03
    elif .unit == "%" then 47
    elif .unit == "ms" and ($name | test("p95|response")) then 148
    elif .unit == "ms" then 12
    elif .unit == "MB" then 384
    elif .unit then 7
    elif ($name | test("time|date|start|end")) then "@at"
    else "as planned" end;
def event($type; $data): {type: "dev.countersign.\($type).v1", data: ($data | nulls_out)};
def events:
  if .kind == "item" then
    (if .command then event("command.finished"; {node: .id, command, started: "@at", exit: 0, expected,
       matched: true, host: "runner-3"}) else empty end),
    (if .threshold then event("metric.sampled"; {metric: .threshold.metric, value: (.threshold | inside),
       unit: .threshold.unit, node: .id, source: "prometheus"}) else empty end),
    event("item.checked"; {node: .id, result: "pass"})
  elif .kind == "status" then event("status.declared"; {node: .id, value: .options[0].label})
  elif .kind == "choice" then event("field.recorded"; {node: .id, value: .options[0]})
  elif .kind == "field" then event("field.recorded"; {node: .id, value: value, unit})
  elif .kind == "clock" then event("clock.started"; {t0: "@at"})
  else empty end;

(.nodes | map(select(.authority))) as $gates
| ($gates | map(.section)) as $gate_sections
| ($gates | map(.window.to_min) | min // 0) as $first_gate
| ([.nodes[] | select(.twin_of)] | first) as $twin
# How far down the document a node's work is done: behind all that is nested in it, the innermost first.
| (reduce (.nodes | to_entries[]) as $entry ({};
    ($entry.value.id | split(".")) as $path
    | reduce range(3; $path | length) as $n (.; .[$path[:$n] | join(".")] = $entry.key + 1 - $n / 64))) as $after
| (reduce (.nodes | to_entries[]) as $entry ({}; .[$entry.value.id] = $entry.key)) as $index
| ([.nodes[].window.to_min // empty] | max // 0) as $over
| (reduce (.nodes[] | select(.threshold)) as $item ({}; .[$item.id] = $item.threshold)) as $thresholds
| [.nodes[]
   | select((.optional or .rollback or .twin_of or .kind == "notes" or ((.window or .signature) | not)) | not)
   | .window = (.window // {from_min: $over, to_min: $over}) # a sign-off without a time comes last
   | .order = ($after[.id] // $index[.id])
   | .bound = $thresholds[.parent // ""]
   | .stage = (if .section | IN($gate_sections[]) then "gate"
       elif $twin and .section == $twin.section and ordinal > ($twin | ordinal) then "after gate"
       elif .signature then "sign-off"
       elif .window.from_min == .window.to_min then "point"
       elif .window.from_min < 0 then "before"
       else "during" end)]
# Spread the work of each window over it; what is due before the first gate ends ten minutes before it.
| group_by([.stage, .window.from_min, .window.to_min, (if .stage == "gate" then .section else null end)])
| map(sort_by(.order) | length as $n | to_entries[]
  | ((.key + 0.5) / ($n + 1)) as $share | .value | .window as {from_min: $from, to_min: $to}
  | .t = (if .stage == "gate" then (if .kind == "decision" then $to - 0.1 else $to - 1 + 0.8 * $share end)
          elif .stage == "after gate" then $first_gate + 2 + 8 * $share
          elif .stage == "sign-off" then $to - 2 + 0.9 * $share
          elif .stage == "point" then $to - 3 + 2 * $share
          elif .stage == "before" then $from + ([$to, $first_gate - 10] | min | . - $from) * $share
          else $from + ($to - $from) * 0.8 * $share end))
# One item is forgotten, and done two minutes after its window: it gets flagged.
| ([.[] | select(.stage == "during" and .kind == "item" and (.command or .threshold or .role | not) and
      (.window.to_min as $to | [$gates[].window.to_min | select(. >= $to and . <= $to + 3)] == []))]
   | min_by([.window.to_min, -.order]).id) as $late
| map(if $forgetful and .id == $late then .t = .window.to_min + 2 else . end)
| . + [{t: 0, order: -1, id: "clock", kind: "clock", label: "T0"}]
| sort_by([.t, .order])[]
| {t, node: .id, kind, label: .label, section, role: (.role // .authority), signature, guarded_by, window,
   machine: (.command != null or .threshold != null), option: (if .kind == "decision" then .options[0] else null end),
   events: [events]} | nulls_out
JQ

# One line an act of a deployment that begins at $t0: kind, time, node, who, then the event or the option.
read -r -d '' script_program <<'JQ' || true
def who: if .machine then "ci" else ($holders[.role // "deployer" | ascii_downcase]) end;
. as $act
| ($t0 + (.t * 60 | floor) | todate) as $at
| if .kind == "approval" then [.kind, $at, .node, who, .role]
  elif .kind == "decision" then [.kind, $at, .node, who, .option]
  else .events | to_entries[]
    | ["event", $at, $act.node, ($act | who),
       ({specversion: "1.0", id: "\($deployment)/\($act.node)/\(.key)", source: "/quickstart", type: .value.type,
         time: $at, ledger: $ledger, deployment: $deployment,
         data: (.value.data | map_values(if . == "@at" then $at else . end))} | tojson)]
  end
| join("\t")
JQ

cs=$root/build/release/countersign
ledger=$dir/ledger

# Starts anew in $dir, which must be empty or an earlier simulated run's; its daemon is stopped by its own pid.
begin() {
    local pid
    if [[ -e $dir && ! -e $dir/.quickstart ]] && [[ -n $(ls -A "$dir") ]]; then
        echo "quickstart: $dir holds something else; name another with --dir" >&2
        exit 2
    fi
    if [[ -s $dir/.quickstart ]]; then
        echo "quickstart: $dir holds a real ledger, which is kept; name another with --dir" >&2
        exit 2
    fi
    [[ -r $checklist ]] || {
        echo "quickstart: $checklist cannot be read; name a checklist with --checklist" >&2
        exit 3
    }
    if [[ -e $ledger/serve.json ]]; then
        pid=$(jq -r .pid "$ledger/serve.json")
        if [[ $(readlink "/proc/$pid/exe") =~ ^"$cs"(" (deleted)")?$ ]]; then # deleted: built anew since
            kill "$pid"
            while readlink "/proc/$pid/exe" >/dev/null; do sleep 0.05; done
        fi
    fi
    rm -rf "$dir"
    mkdir -p "$dir/keys"
    touch "$dir/.quickstart"
}

# make_key NAME
make_key() {
    ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$dir/keys/$1"
}

# as NAME COMMAND...: runs a command signed by NAME's key
as() {
    local name=$1
    shift
    "$cs" "$@" --key "$dir/keys/$name"
}

# The roles that the checklist names, and the one that opens.
roles() {
    jq -r '[.nodes[] | .role, .authority | select(.)] | unique_by(ascii_downcase)[], "deployer"' \
        "$dir/checklist.json"
}

# prepare [TIME]: the people, their keys and roles, the checklist, a pipeline's token; then the daemon
prepare() {
    local role name at=() enrolled=()
    [[ -z ${1:-} ]] || at=(--time "$1")
    while read -r role; do
        name=$(holder "$role")
        if [[ ! -e $dir/keys/$name ]]; then
            make_key "$name"
            as admin key enroll "$ledger" "$name" "$dir/keys/$name.pub" "${at[@]}" >/dev/null
            enrolled+=("$name")
        fi
        as admin role grant "$ledger" "$name" "$role" "${at[@]}" >/dev/null
    done < <(roles)
    as admin checklist publish "$ledger" "$checklist" "${at[@]}" >/dev/null
    (umask 077; as admin token issue "$ledger" --principal ci --scope write,read "${at[@]}" >"$dir/token")
    echo "people: ${enrolled[*]}; the pipeline: ci"
}

serve() {
    setsid "$cs" serve "$ledger" --listen 127.0.0.1:0 >"$dir/serve.log" 2>&1 </dev/null &
    for _ in {1..100}; do
        [[ ! -e $ledger/serve.json ]] || break
        sleep 0.05
    done
    [[ -e $ledger/serve.json ]] || {
        echo "quickstart: the daemon did not start:" >&2
        cat "$dir/serve.log" >&2
        exit 3
    }
    url=$(jq -r .url "$ledger/serve.json")
    ledger_id=$("$cs" show "$ledger" 0 --json | jq -r .event.data.ledger)
}

# send WHO: events, one a line, from standard input, through the daemon
send() {
    if [[ $1 == ci ]]; then
        COUNTERSIGN_TOKEN=$(<"$dir/token") "$cs" append "$ledger" -
    else
        "$cs" append "$ledger" - --key "$dir/keys/$1"
    fi >>"$dir/receipts.jsonl" || {
        echo "quickstart: not all was accepted: $(jq -r 'select(.verdict == "refused").reason' "$dir/receipts.jsonl" |
            tail -n 1) (see $dir/receipts.jsonl)" >&2
        exit 1
    }
}

# script DEPLOYMENT T0 [FORGETFUL] > the acts of a deployment that goes well
script() {
    local role holders='{}'
    while read -r role; do
        holders=$(jq -c --arg role "${role,,}" --arg name "$(holder "$role")" '.[$role] = $name' <<<"$holders")
    done < <(roles)
    jq -r --argjson t0 "$(date -d "$2" +%s)" --arg deployment "$1" --arg ledger "$ledger_id" \
        --argjson holders "$holders" "$script_program" <(jq -c --argjson forgetful "${3:-false}" \
        "$plan_program" "$dir/checklist.json")
}

# play DEPLOYMENT UNTIL: does the acts of standard input until the node UNTIL (or the end), batching what one person does
play() {
    local id=$1 until=${2:-} kind at node who what waiting='' batch=''
    flush() {
        [[ -z $batch ]] || send "$waiting" <<<"${batch%$'\n'}"
        batch=
    }
    while IFS=$'\t' read -r kind at node who what; do
        [[ -z $until || $node != "$until" ]] || break
        if [[ $kind == event ]]; then
            [[ $who == "$waiting" ]] || flush
            waiting=$who batch+=$what$'\n'
            continue
        fi
        flush
        if [[ $kind == approval ]]; then
            as "$who" approve "$ledger" "$id" "$node" --role "$what" --time "$at" >>"$dir/acts.log" 2>&1
            echo "  $at  $what approved ($who)"
        else
            as "$who" decide "$ledger" "$id" "$node" "$what" --time "$at" >>"$dir/acts.log" 2>&1
            echo "  $at  gate $node: $what ($who)"
        fi
    done
    flush
}

# open_deployment ID RELEASE T0 [WINDOW]: opened 30 hours before T0 by its lead
open_deployment() {
    local id=$1 release=$2 t0=$3 role assign=()
    while read -r role; do
        [[ $role == deployer ]] || assign+=(--role "$role=$(holder "$role")")
    done < <(roles)
    as "$(holder deployer)" open "$ledger" "$id" --checklist "$sha256" --release "$release" --title "web $release" \
        --environment production --service web --t0 "$t0" --author devin --reason "scheduled release" \
        "${assign[@]}" "${@:4}" >>"$dir/acts.log"
    echo "$id: release $release opened, T0 $t0"
}

# moment T0 N: N seconds after T0; minutes T0 N: N minutes after it
moment() { date -u -d "@$(($(date -d "$1" +%s) + $2))" +%Y-%m-%dT%H:%M:%SZ; }
minutes() { moment "$1" $(($2 * 60)); }

# Facts of the checklist that the stories turn on, by jq.

fact() { jq -r "$1" "$dir/checklist.json"; }
first_gate() { fact '[.nodes[] | select(.authority)] | min_by(.window.to_min).id'; }
first_authority() { fact '[.nodes[] | select(.authority)] | min_by(.window.to_min).authority'; }
last_authority() { fact '[.nodes[] | select(.authority)] | max_by(.window.to_min).authority'; }

# What the second story needs: the error rate that breaks in cutover, an item of a later step, the status of its own.
cutover_error() {
    fact '([.nodes[] | select(.authority)] | sort_by(.window.to_min)[1].id // "") as $gate
        | [.nodes[] | select(.kind == "field" and .unit == "%" and .guarded_by == $gate
            and (.label | test("error"; "i")))][0].id // empty'
}
next_step() {
    fact "(.nodes | map(.id) | index(\"$1\")) as \$i | (.nodes[\$i].window.to_min) as \$to
        | [.nodes[\$i:][] | select(.kind == \"item\" and .window.from_min >= \$to and (.optional | not)
            and (.role | not))][0].id // empty"
}
own_status() {
    fact "(.nodes[] | select(.id == \"$1\").section) as \$section
        | [.nodes[] | select(.kind == \"status\" and .section == \$section)][0]
        | values | [.id, .options[-1].label] | @tsv"
}
tellable() {
    local cut
    cut=$(cutover_error)
    [[ -n $cut && -n $(next_step "$cut") && -n $(own_status "$cut") ]] &&
        (($(fact '[.nodes[] | select(.rollback and .kind == "status")] | length') > 0)) &&
        (($(fact '[.nodes[] | select(.kind == "decision" and (.authority or .twin_of | not))] | length') > 0))
}

# refused WHO COMMAND...: an act that the rules must refuse, and the ledger record
refused() {
    local code=0
    as "$@" >>"$dir/acts.log" 2>&1 || code=$?
    ((code == 1)) || {
        echo "quickstart: '${*:2:4}' was not refused (exit $code); see $dir/acts.log" >&2
        exit 1
    }
}

# A role whose holder has no say at the first gate.
outsider() {
    local role lead
    lead=$(holder "$(first_authority)")
    while read -r role; do
        [[ $(holder "$role") == "$lead" ]] || { echo "$role"; return; }
    done < <(roles | grep -ix 'technical lead' || true; roles)
}

# The first: all goes well, but for one attempt by the wrong person and one item that is late.
story_successful() {
    local id=web-41 t0=2026-03-03T10:00:00Z gate outsider
    outsider=$(outsider)
    open_deployment "$id" 2.1.0 "$t0" --time "$(minutes "$t0" -1800)"
    gate=$(first_gate)
    script "$id" "$t0" true >"$dir/$id.script"
    play "$id" "$gate" <"$dir/$id.script"
    refused "$(holder "$outsider")" decide "$ledger" "$id" "$gate" \
        "$(fact ".nodes[] | select(.id == \"$gate\").options[0]")" --time "$(moment "$t0" -3610)" --anyway
    echo "  $(moment "$t0" -3610)  gate $gate: refused, the $outsider has no authority there (recorded)"
    sed -n "/\t${gate//./\\.}\t/,\$p" "$dir/$id.script" | play "$id"
    as "$(holder "$(last_authority)")" \
        close "$ledger" "$id" successful --time "$(minutes "$t0" 1560)" >>"$dir/acts.log"
    echo "  $(minutes "$t0" 1560)  closed: successful"
}

# The second: the error rate breaks its threshold in cutover; rolled back and closed.
story_rolled_back() {
    local id=web-42 t0=2026-03-10T10:00:00Z cut at lead minute status next
    lead=$(holder "$(last_authority)")
    cut=$(cutover_error)
    open_deployment "$id" 2.2.0 "$t0" --time "$(minutes "$t0" -1800)"
    script "$id" "$t0" >"$dir/$id.script"
    play "$id" "$cut" <"$dir/$id.script"
    at=$(grep -m 1 -P "\t${cut//./\\.}\t" "$dir/$id.script" | cut -f 2)
    minute=$((($(date -d "$at" +%s) - $(date -d "$t0" +%s)) / 60 + 1))
    COUNTERSIGN_TOKEN=$(<"$dir/token") "$cs" record "$ledger" "$id" "$cut" 2.4 --unit % --time "$at" >>"$dir/acts.log"
    echo "  $at  error rate 2.4 %: over its threshold"
    next=$(next_step "$cut")
    refused "$(holder deployer)" check "$ledger" "$id" "$next" pass --time "$(minutes "$t0" "$minute")"
    echo "  $(minutes "$t0" "$minute")  item $next of the next step: refused while the threshold is broken (recorded)"
    status=$(own_status "$cut")
    as "$lead" status "$ledger" "$id" "${status%$'\t'*}" "${status#*$'\t'}" --time "$(minutes "$t0" "$minute")" \
        >>"$dir/acts.log"
    roll_back "$id" "$t0" $((minute + 1)) "$lead"
}

# roll_back DEPLOYMENT T0 MINUTE LEAD: decides it, does the rollback section, and closes
roll_back() {
    local id=$1 t0=$2 minute=$3 lead=$4 decision status kind node value unit
    decision=$(fact '[.nodes[] | select(.kind == "decision" and (.authority or .twin_of | not))][0]
        | [.id, .options[1]] | @tsv')
    as "$lead" decide "$ledger" "$id" "${decision%$'\t'*}" "${decision#*$'\t'}" --comment "error rate 2.4 %" \
        --time "$(minutes "$t0" "$minute")" >>"$dir/acts.log" 2>&1
    echo "  $(minutes "$t0" "$minute")  rollback decided ($lead)"
    while IFS=$'\t' read -r kind node value unit; do
        minute=$((minute + 1))
        if [[ $kind == item ]]; then
            as "$lead" check "$ledger" "$id" "$node" pass --time "$(minutes "$t0" "$minute")"
        else
            as "$lead" record "$ledger" "$id" "$node" "$value" ${unit:+--unit "$unit"} \
                --time "$(minutes "$t0" "$minute")"
        fi >>"$dir/acts.log"
    done < <(fact '.nodes as $nodes | $nodes[] | select(.rollback and (.parent | not)) | . as $top
        | ($nodes[] | select(.kind == "field" and .parent == $top.id)
            | [.kind, .id, (($top.threshold.value // null | values | . / 2) // "as decided"), .unit]),
          ($top | select(.kind == "item" or (.kind == "field" and (.unit | not)))
            | [.kind, .id, "as decided"])
        | @tsv')
    status=$(fact '[.nodes[] | select(.rollback and .kind == "status")][0].options[0].label')
    as "$lead" rollback "$ledger" "$id" finish "$status" --time "$(minutes "$t0" $((minute + 1)))" >>"$dir/acts.log"
    as "$lead" close "$ledger" "$id" rolled-back --time "$(minutes "$t0" $((minute + 30)))" >>"$dir/acts.log"
    echo "  $(minutes "$t0" $((minute + 30)))  rollback $status; closed: rolled-back"
}

# The third waits at its first gate.
story_waiting() {
    local id=web-43 t0=2026-03-17T10:00:00Z
    open_deployment "$id" 2.2.1 "$t0" --time "$(minutes "$t0" -1800)"
    script "$id" "$t0" >"$dir/$id.script"
    play "$id" "$(first_gate)" <"$dir/$id.script"
    echo "  it waits at gate $(first_gate)"
}

show_results() {
    echo
    "$cs" status "$ledger"
    echo
    "$cs" verify "$ledger"
    echo
    "$cs" timeline "$ledger" web-42 >"$dir/timeline-web-42.txt"
    tail -n 45 "$dir/timeline-web-42.txt"
    echo "(the whole timeline: $dir/timeline-web-42.txt)"
    echo
    "$cs" report "$ledger" --year 2026 --verify all --format html,json --out "$dir"
}

main_job() {
    echo "a simulated ledger in $ledger"
    make_key admin
    "$cs" init "$ledger" --simulated --origin quickstart --admin "admin=$dir/keys/admin.pub" \
        --time 2026-02-20T08:00:00Z >"$dir/vkey"
    serve
    prepare 2026-02-27T08:00:00Z
    story_successful
    story_rolled_back
    story_waiting
    show_results
    cat <<END

The daemon runs at $url (pid $(jq -r .pid "$ledger/serve.json"), log $dir/serve.log).  Try next:

  $cs status $ledger web-43
  $cs decide $ledger web-43 $(first_gate) GO --key $dir/keys/$(holder "$(first_authority)")
  $cs replay $ledger web-42 --at rollback
END
}

live_job() {
    local t0
    echo "a real ledger in $ledger"
    make_key admin
    "$cs" init "$ledger" --origin "countersign.local/live" --admin "admin=$dir/keys/admin.pub" >"$dir/vkey"
    echo live >"$dir/.quickstart" # what is real is never made anew
    serve
    prepare
    t0=$(date -u -d '+25 hours' +%Y-%m-%dT%H:%M:%SZ)
    open_deployment web-1 1.0.0 "$t0"
    cat <<END

The daemon runs at $url (pid $(jq -r .pid "$ledger/serve.json"), log $dir/serve.log).  It is yours; try next:

  $cs status $ledger web-1
  $cs check $ledger web-1 1.1.1 pass --key $dir/keys/$(holder deployer)
  $cs approve $ledger web-1 $(fact '[.nodes[] | select(.kind == "approval")][0].id') --key $dir/keys/$(holder "$(fact '[.nodes[] | select(.kind == "approval")][0].role')")
END
}

set -E
trap '[[ $BASHPID != $$ ]] || echo "quickstart: an act failed; the end of $dir/acts.log says why" >&2' ERR
begin
"$cs" checklist show "$checklist" --json >"$dir/checklist.json"
sha256=$(fact .sha256)
((live)) || tellable || {
    cat >&2 <<'END'
quickstart: the stories need a checklist with a rollback that is decided and ends in a status; and behind its second gate
an error rate to record (Error rate: ____ %) in a section with a status, and an item in a later one.  --live opens a
deployment of any checklist.
END
    exit 2
}
if ((live)); then live_job; else main_job; fi
