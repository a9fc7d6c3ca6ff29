# common/http, answering immediately, beside nginx: as many threads as nginx has processes, the same
# requests and answers of the same size. Sourced by ops/bench/run.
# shellcheck shell=bash disable=SC2034,SC2154
programs+=(bench-http bench-load)

# ingest's default; used for both servers.
http_threads=2

bench_http() {
  local port nginx size ours connections round
  start_nginx
  nginx=$pid
  size=$(wc -c <"$run/nginx/answer")
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

# Sets `port` and `pid`.
start_nginx() {
  local nginx=$run/nginx binary
  binary=$(PATH=$PATH:/usr/sbin command -v nginx) || die "nginx is missing: run ops/setup"
  mkdir -p "$nginx"
  for _ in {1..5}; do
    port=$(free_port)
    write_nginx_configuration "$nginx" >"$nginx/nginx.conf"
    background nginx "$binary" -e stderr -p "$nginx" -c "$nginx/nginx.conf"
    if wait_until 20 has_answered_or_ended && kill -0 "$pid" 2>/dev/null; then return; fi
    end "$pid"
  done
  die "nginx does not answer; see $run/nginx.log"
}
has_answered_or_ended() {
  ! kill -0 "$pid" 2>/dev/null ||
    curl -sf -m 2 -i -X POST -d '{}' -o "$run/nginx/answer" "http://127.0.0.1:$port/"
}
write_nginx_configuration() {
  local path
  cat <<END
daemon off;
worker_processes $http_threads;
pid $1/pid;
events { worker_connections 2048; }
http {
  access_log off;
  keepalive_requests 1000000000;
$(for path in client_body proxy fastcgi uwsgi scgi; do echo "  ${path}_temp_path $1/$path;"; done)
  server {
    listen 127.0.0.1:$port;
    location / { return 200; }
  }
}
END
}
