# A RabbitMQ broker of the scenario's own, sourced after kit.sh: its port, node name, directory, epmd and cookie are its
# own, so that it meets no other.  It is stopped by its pid at the end.
# shellcheck shell=bash
rabbit=$work/rabbit broker= epmd=
export ERL_EPMD_ADDRESS=127.0.0.1 PYTHONDONTWRITEBYTECODE=1
rabbit_py=$root/tests/scenario/rabbit.py
trap 'rabbit_stop KILL; cleanup' EXIT

# free_ports N: so many ports that nobody listens on
free_ports() {
    python3 -c 'import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))' "$1"
}

# rabbit_certificates: a CA, a certificate for localhost, one for another name, and another CA
rabbit_certificates() {
    local name
    for name in ca other-ca; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$name" \
            -keyout "$rabbit/$name.key" -out "$rabbit/$name.pem" 2>/dev/null
    done
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=broker -keyout "$rabbit/server.key" \
        -out "$rabbit/server.csr" 2>/dev/null
    openssl x509 -req -in "$rabbit/server.csr" -CA "$rabbit/ca.pem" -CAkey "$rabbit/ca.key" -days 2 -CAcreateserial \
        -extfile <(echo subjectAltName=DNS:localhost) -out "$rabbit/server.pem" 2>/dev/null
}

# rabbit_prepare: its directory, ports, certificates and settings
rabbit_prepare() {
    local dist
    command -v rabbitmq-server >/dev/null || fail "no rabbitmq-server: install the Debian package"
    mkdir "$rabbit"
    read -r amqp_port amqps_port dist ERL_EPMD_PORT < <(free_ports 4)
    export ERL_EPMD_PORT
    head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$rabbit/.erlang.cookie"
    chmod 600 "$rabbit/.erlang.cookie"
    cookie=$(<"$rabbit/.erlang.cookie")
    node=countersign$$@localhost
    : >"$rabbit/plugins"
    rabbit_certificates
    cat >"$rabbit/rabbit.conf" <<END
listeners.tcp.1 = 127.0.0.1:$amqp_port
listeners.ssl.1 = 127.0.0.1:$amqps_port
ssl_options.cacertfile = $rabbit/ca.pem
ssl_options.certfile = $rabbit/server.pem
ssl_options.keyfile = $rabbit/server.key
disk_free_limit.absolute = 1MB
vm_memory_high_watermark.absolute = 2GiB
END
    rabbit_env=(HOME="$rabbit" RABBITMQ_NODENAME="$node" RABBITMQ_DIST_PORT="$dist" RABBITMQ_MNESIA_BASE="$rabbit/mnesia"
        RABBITMQ_LOG_BASE="$rabbit/log" RABBITMQ_LOGS="$rabbit/log/rabbit.log" RABBITMQ_CONFIG_FILE="$rabbit/rabbit.conf"
        RABBITMQ_ENABLED_PLUGINS_FILE="$rabbit/plugins" RABBITMQ_PID_FILE="$rabbit/pid" RABBITMQ_CONF_ENV_FILE=/dev/null
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none")
    epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 &
    epmd=$!
}

# rabbit_start: the broker, in the background; rabbit_await: until it takes connections
rabbit_start() {
    [[ -d $rabbit ]] || rabbit_prepare
    rm -f "$rabbit/pid"
    env "${rabbit_env[@]}" /usr/lib/rabbitmq/bin/rabbitmq-server >"$rabbit/out" 2>&1 </dev/null &
    broker=$!
}
rabbit_await() {
    local _
    for _ in {1..600}; do
        ! grep -q 'completed with' "$rabbit/out" 2>/dev/null || return 0
        kill -0 "$broker" 2>/dev/null || break
        sleep 0.1
    done
    fail "the broker did not start: $(tail -n 20 "$rabbit/out")"
}

# rabbit_stop [SIGNAL]: by its pid, and epmd by its own when that is KILL
rabbit_stop() {
    if [[ -n $broker ]]; then
        kill "-${1:-TERM}" "$(cat "$rabbit/pid" 2>/dev/null || echo "$broker")" 2>/dev/null || true
        wait "$broker" 2>/dev/null || true
        broker=
    fi
    if [[ ${1:-} == KILL && -n $epmd && -z ${2:-} ]]; then
        kill "$epmd" 2>/dev/null || true
        wait "$epmd" 2>/dev/null || true
        epmd=
    fi
}
# rabbit_kill: as if its machine had lost power, but for the disk
rabbit_kill() { rabbit_stop KILL again; }

# rabbit_call EXPRESSION: of Erlang, in the broker; much quicker than rabbitmqctl, which starts a node of its own
rabbit_call() {
    local answer
    answer=$(erl_call -sname "$node" -c "$cookie" -e <<<"$1." 2>&1) && [[ $answer == '{ok,'* ]] ||
        fail "the broker did not do '$1': $answer"
}
# rabbit_user NAME PASSWORD
rabbit_user() {
    rabbit_call "ok = rabbit_auth_backend_internal:add_user(<<\"$1\">>, <<\"$2\">>, <<\"test\">>),
        rabbit_auth_backend_internal:set_permissions(<<\"$1\">>, <<\"/\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>)"
}
# rabbit_cut: closes every connection, as `rabbitmqctl close_all_connections`
rabbit_cut() {
    rabbit_call '[rabbit_networking:close_connection(C, "cut") || C <- rabbit_networking:connections()]'
}
# rabbit_memory FRACTION: of the machine's that it may use; 0.0001 raises its alarm, which blocks who publishes
rabbit_memory() { rabbit_call "vm_memory_monitor:set_vm_memory_high_watermark($1)"; }

# rabbit COMMAND...: rabbit.py on this broker; pika is a Debian package, so the Python is Debian's
rabbit() { /usr/bin/python3 "$rabbit_py" "$amqp_port" "$@"; }
