#include "listener.hpp"

#include <poll.h>

#include <array>
#include <cstring>

namespace cotejo::server {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t largest_head = 64u << 10;
constexpr std::size_t slowest_body = 64u << 10;  // bytes a second, beside a constant allowance
constexpr std::size_t requests_of_a_connection = 10'000;
constexpr auto slice = std::chrono::milliseconds(100);  // how soon a waiting connection sees that the server stops

class Connection final : public httplib::Stream {
 public:
  Connection(socket_t socket, const Limits& limits, const std::atomic<bool>& stopping)
      : socket_(socket), limits_(limits), stopping_(stopping) {}

  bool must_close = false;

  // False when none came within the idle time.
  bool wait_for_request() {
    read_deadline_ = Clock::now() + limits_.idle;
    if (at_ == end_ && !wait(POLLIN, read_deadline_)) return false;
    read_deadline_ = Clock::now() + limits_.head;
    head_left_ = largest_head;
    in_head_ = true;
    return true;
  }
  void head_is_read(std::size_t body) {
    in_head_ = false;
    read_deadline_ = Clock::now() + limits_.head + std::chrono::milliseconds(1000 * (body / slowest_body));
  }
  // Lets the other side read what was said before the socket goes.
  void linger() {
    ::shutdown(socket_, SHUT_WR);
    const auto deadline = Clock::now() + std::chrono::seconds(2);
    std::array<char, 16384> nowhere;
    for (std::size_t drained = 0; drained < (32u << 20) && wait(POLLIN, deadline);) {
      const auto n = ::recv(socket_, nowhere.data(), nowhere.size(), 0);
      if (n <= 0) break;
      drained += static_cast<std::size_t>(n);
    }
  }

  bool is_readable() const override { return at_ < end_ || wait(POLLIN, read_deadline_); }
  bool is_writable() const override { return wait(POLLOUT, Clock::now() + limits_.silence); }
  ssize_t read(char* into, std::size_t size) override {
    if (at_ == end_) {
      if (!wait(POLLIN, read_deadline_)) return -1;
      const auto n = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
      if (n <= 0) return n;
      at_ = 0;
      end_ = static_cast<std::size_t>(n);
    }
    size = std::min(size, end_ - at_);
    if (in_head_) {
      if (head_left_ < size) return -1;
      head_left_ -= size;
    }
    std::memcpy(into, buffer_.data() + at_, size);
    at_ += size;
    return static_cast<ssize_t>(size);
  }
  ssize_t write(const char* from, std::size_t size) override {
    if (!is_writable()) return -1;
    return ::send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = "127.0.0.1";
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override { get_remote_ip_and_port(ip, port); }
  socket_t socket() const override { return socket_; }

 private:
  bool wait(short what, Clock::time_point deadline) const {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0 || stopping_) return false;
      pollfd one{socket_, what, 0};
      const int ready = ::poll(&one, 1, static_cast<int>(std::min(left, slice).count()));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }

  socket_t socket_;
  const Limits& limits_;
  const std::atomic<bool>& stopping_;
  std::array<char, 16384> buffer_;
  std::size_t at_ = 0, end_ = 0, head_left_ = largest_head;
  Clock::time_point read_deadline_;
  bool in_head_ = true;
};

thread_local Connection* current = nullptr;
thread_local bool turn_away = false;

// So many threads, and a connection that finds none and no room to wait is turned away by the thread that accepted it.
class BoundedPool final : public httplib::TaskQueue {
 public:
  explicit BoundedPool(std::size_t threads) : threads_(threads), pool_(threads) {}
  void enqueue(std::function<void()> connection) override {
    if (held_ >= threads_) {
      turn_away = true;
      connection();
      turn_away = false;
      return;
    }
    ++held_;
    pool_.enqueue([this, connection = std::move(connection)] {
      connection();
      --held_;
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  std::size_t threads_;
  std::atomic<std::size_t> held_ = 0;
  httplib::ThreadPool pool_;
};

}  // namespace

Listener::Listener(const Limits& limits) : limits_(limits) {
  new_task_queue = [threads = limits.connections] { return new BoundedPool(threads); };
  set_payload_max_length(limits.file_body);
  set_tcp_nodelay(true);
  // Not the library's SO_REUSEPORT, with which a second program could listen at the same port.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
}

void Listener::close_this_connection() {
  if (current) current->must_close = true;
}

void Listener::stop_all() {
  stopping_ = true;
  stop();
}

bool Listener::process_and_close_socket(socket_t socket) {
  Connection connection(socket, limits_, stopping_);
  bool fine = false;
  if (turn_away) {
    static constexpr std::string_view busy =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    ::send(socket, busy.data(), busy.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  } else {
    current = &connection;
    for (std::size_t served = 0; served < requests_of_a_connection && connection.wait_for_request(); ++served) {
      bool closed = false;
      fine =
          process_request(connection, served + 1 == requests_of_a_connection, closed, [&](httplib::Request& request) {
            // What is not wanted here: parts of answers, and answers packed for a network that there is not.
            request.ranges.clear();
            request.headers.erase("Accept-Encoding");
            const auto length = request.get_header_value<std::uint64_t>("Content-Length");
            connection.head_is_read(static_cast<std::size_t>(std::min<std::uint64_t>(length, limits_.file_body)));
          });
      if (!fine || closed || connection.must_close) break;
    }
    current = nullptr;
    connection.linger();
  }
  ::close(socket);
  return fine;
}

}  // namespace cotejo::server
