# common/http answering at once beside nginx, with as many threads as nginx has processes, answers of
# the same size and the same requests. Sourced by ops/bench/run.
# shellcheck shell=bash disable=SC2034,SC2154
programs+=(bench-http bench-load)

# ingest's default, and what both get.
http_threads=2

bench_http() {
  local port=$((20000 + RANDOM % 12000)) nginx size ours connections round
  start_nginx "$port"
  nginx=$pid
  size=$(curl -sf -i -m 5 -X POST -d '{}' "http://127.0.0.1:$port/" | wc -c)
  background http "$bin/bench-http" "$http_threads" "$size"
  ours=$pid
  await_logged http port
  local pids=(--pid "$nginx") worker
  for worker in $(<"/proc/$nginx/task/$nginx/children"); do pids+=(--pid "$worker"); done

  for connections in 64 512; do
    for ((round = 0; round < rounds; ++round)); do
      take "nginx.$connections" "$bin/bench-load" --port "$port" "${pids[@]}" \
        --connections "$connections" --seconds "$seconds"
      take "http.$connections" "$bin/bench-load" --port "$value" --pid "$ours" \
        --connections "$connections" --seconds "$seconds"
    done
    report "common/http, CPU per request, $connections connections" µs "http.$connections.cpu_us" \
      "nginx return 200" "nginx.$connections.cpu_us" "<= 1.2"
    report "common/http, requests, $connections connections" /s "http.$connections.per_s" \
      "nginx return 200" "nginx.$connections.per_s"
  done
  end "$nginx"
  end "$ours"
}

start_nginx() {
  local nginx=$run/nginx binary path
  binary=$(PATH=$PATH:/usr/sbin command -v nginx) || die "nginx is missing: run ops/setup"
  mkdir -p "$nginx"
  cat >"$nginx/nginx.conf" <<END
daemon off;
worker_processes $http_threads;
pid $nginx/pid;
events { worker_connections 2048; }
http {
  access_log off;
  keepalive_requests 1000000000;
$(for path in client_body proxy fastcgi uwsgi scgi; do echo "  ${path}_temp_path $nginx/$path;"; done)
  server {
    listen 127.0.0.1:$1;
    location / { return 200; }
  }
}
END
  background nginx "$binary" -e stderr -p "$nginx" -c "$nginx/nginx.conf"
  wait_until 10 curl -sf -m 1 -o "$nginx/answer" "http://127.0.0.1:$1/" ||
    die "nginx does not answer; see $run/nginx.log"
}
