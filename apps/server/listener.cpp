#include "listener.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace cotejo::server {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t largest_head = 64u << 10;
constexpr std::size_t slowest_body = 64u << 10;  // bytes a second, beside a constant allowance
constexpr std::size_t requests_of_a_connection = 10'000;
constexpr auto slice = std::chrono::milliseconds(100);  // how soon a waiting connection sees that the server stops
constexpr auto farewell = std::chrono::seconds(2);      // for the other side to read the last answer
constexpr std::size_t most_drained = 32u << 20;

class Connection final : public httplib::Stream {
 public:
  Connection(socket_t socket, const Limits& limits, const std::atomic<bool>& stopping)
      : deadline(Clock::now() + limits.idle), socket_(socket), limits_(limits), stopping_(stopping) {}
  ~Connection() override { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool must_close = false;
  bool is_known = false;  // its last request showed the token or the session
  bool leaving = false;   // everything was said; what still comes is thrown away
  std::size_t served = 0;
  Clock::time_point deadline;

  enum class Head { partial, whole, too_large, gone };
  // Takes what has come of a request's head, without waiting.
  Head receive() {
    std::array<char, 16384> chunk;
    const auto n = ::recv(socket_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Head::partial;
    if (n <= 0) return Head::gone;
    if (leaving) return (drained_ += static_cast<std::size_t>(n)) < most_drained ? Head::partial : Head::gone;
    if (buffer_.empty()) deadline = Clock::now() + limits_.head;
    const std::size_t searched = buffer_.size() < 3 ? 0 : buffer_.size() - 3;
    buffer_.append(chunk.data(), static_cast<std::size_t>(n));
    const auto end = buffer_.find("\r\n\r\n", searched);
    head_size_ = end == std::string::npos ? buffer_.size() : end + 4;
    return head_size_ > largest_head ? Head::too_large : end == std::string::npos ? Head::partial : Head::whole;
  }
  std::string_view head() const { return std::string_view(buffer_).substr(0, head_size_); }

  void head_is_read(std::size_t body) {
    read_deadline_ = Clock::now() + limits_.head + std::chrono::milliseconds(1000 * (body / slowest_body));
  }
  // Whether more had come than the request when its answer began. What comes once the answer is on its way is the next
  // request of a client that has read it.
  bool has_more() const { return more_came_ || at_ < buffer_.size(); }
  void wait_for_next() {
    buffer_.clear();
    at_ = 0;
    answering_ = more_came_ = false;
    deadline = Clock::now() + limits_.idle;
  }
  // Lets the other side read what was said before the socket goes.
  void leave() {
    ::shutdown(socket_, SHUT_WR);
    leaving = true;
    deadline = Clock::now() + farewell;
  }
  void say(std::string_view text) const { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT); }

  bool is_readable() const override { return at_ < buffer_.size() || wait(POLLIN, read_deadline_); }
  bool is_writable() const override { return wait(POLLOUT, Clock::now() + limits_.silence); }
  ssize_t read(char* into, std::size_t size) override {
    if (at_ == buffer_.size()) {
      if (!wait(POLLIN, read_deadline_)) return -1;
      return ::recv(socket_, into, size, 0);
    }
    size = std::min(size, buffer_.size() - at_);
    std::memcpy(into, buffer_.data() + at_, size);
    at_ += size;
    return static_cast<ssize_t>(size);
  }
  ssize_t write(const char* from, std::size_t size) override {
    const bool asks_for_body = std::string_view(from, size).starts_with("HTTP/1.1 100");
    if (!answering_ && !asks_for_body) {
      answering_ = true;
      more_came_ = at_ < buffer_.size() || wait(POLLIN, Clock::now());
    }
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
  bool wait(short what, Clock::time_point until) const {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      if (stopping_) return false;
      pollfd one{socket_, what, 0};
      const int ready = ::poll(
          &one, 1,
          static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), std::chrono::milliseconds(slice)).count()));
      if (ready > 0) return true;
      if ((ready < 0 && errno != EINTR) || left.count() <= 0) return false;
    }
  }

  socket_t socket_;
  const Limits& limits_;
  const std::atomic<bool>& stopping_;
  std::string buffer_;  // the head, and what came with it
  std::size_t at_ = 0, head_size_ = 0, drained_ = 0;
  bool answering_ = false, more_came_ = false;
  Clock::time_point read_deadline_ = Clock::now();
};

thread_local Connection* current = nullptr;

using Held = std::unique_ptr<Connection>;

// Threads that serve one request after another.
class Workers {
 public:
  Workers(std::size_t threads, std::size_t most_waiting, std::function<void(Held)> serve)
      : most_waiting_(most_waiting), serve_(std::move(serve)) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  // Gives the connection back when too many wait.
  Held add(Held connection) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= most_waiting_ || stopped_) return connection;
      waiting_.push_back(std::move(connection));
    }
    came_.notify_one();
    return nullptr;
  }
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      waiting_.clear();
    }
    came_.notify_all();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void work() {
    for (;;) {
      Held next;
      {
        std::unique_lock lock(mutex_);
        came_.wait(lock, [&] { return stopped_ || !waiting_.empty(); });
        if (stopped_) return;
        next = std::move(waiting_.front());
        waiting_.pop_front();
      }
      serve_(std::move(next));
    }
  }

  std::size_t most_waiting_;
  std::function<void(Held)> serve_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Held> waiting_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

constexpr std::string_view busy =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n";
constexpr std::string_view head_too_large =
    "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

}  // namespace

// Every connection that no thread serves at the moment.
class WaitingRoom final : public httplib::TaskQueue {
 public:
  explicit WaitingRoom(Listener& listener)
      : listener_(listener),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        known_(listener.limits_.threads, listener.limits_.known_connections,
               [this](Held connection) { serve(std::move(connection)); }),
        strangers_(listener.limits_.stranger_threads, listener.limits_.connections,
                   [this](Held connection) { serve(std::move(connection)); }),
        watching_([this] { watch(); }) {}
  ~WaitingRoom() override { ::close(wake_); }

  // What the base class hands over at once calls Listener::process_and_close_socket, which calls admit().
  void enqueue(std::function<void()> connection) override { connection(); }
  void shutdown() override {
    listener_.stopping_ = true;
    notify();
    watching_.join();
    known_.stop();
    strangers_.stop();
    const std::lock_guard lock(mutex_);
    arrived_.clear();
  }

  void admit(socket_t socket) { back(std::make_unique<Connection>(socket, listener_.limits_, listener_.stopping_)); }

 private:
  void back(Held connection) {
    {
      const std::lock_guard lock(mutex_);
      arrived_.push_back(std::move(connection));
    }
    notify();
  }
  void notify() const {
    const std::uint64_t one = 1;
    (void)!::write(wake_, &one, sizeof one);
  }

  void watch() {
    std::list<Held> here;  // the longest here first
    std::vector<pollfd> watched;
    while (!listener_.stopping_) {
      take_in(here);
      watched.assign(1, {wake_, POLLIN, 0});
      for (const auto& connection : here) watched.push_back({connection->socket(), POLLIN, 0});
      ::poll(watched.data(), watched.size(), static_cast<int>(slice.count()));
      std::uint64_t count = 0;
      (void)!::read(wake_, &count, sizeof count);
      const auto now = Clock::now();
      std::size_t i = 1;
      for (auto at = here.begin(); at != here.end(); ++i) {
        const auto next = std::next(at);
        if (watched[i].revents != 0) {
          if (!look(*at)) here.erase(at);
        } else if ((*at)->deadline < now) {
          here.erase(at);
        }
        at = next;
      }
    }
  }

  // Those that came, and room for them: the oldest of too many strangers, or of too many known ones, goes.
  void take_in(std::list<Held>& here) {
    {
      const std::lock_guard lock(mutex_);
      for (auto& connection : arrived_) here.push_back(std::move(connection));
      arrived_.clear();
    }
    for (const bool known : {false, true})
      make_room(here, known, known ? listener_.limits_.known_connections : listener_.limits_.connections);
  }

  // The oldest of too many is told so and leaves; of too many that leave, the oldest goes at once.
  static void make_room(std::list<Held>& here, bool known, std::size_t most) {
    const auto count = [&](bool leaving) {
      return static_cast<std::size_t>(std::count_if(here.begin(), here.end(), [&](const Held& one) {
        return one->is_known == known && one->leaving == leaving;
      }));
    };
    for (auto [at, all] = std::pair(here.begin(), count(false)); all > most && at != here.end(); ++at) {
      if ((*at)->is_known != known || (*at)->leaving) continue;
      (*at)->say(busy);
      (*at)->leave();
      --all;
    }
    auto leaving = count(true);
    for (auto at = here.begin(); leaving > 2 * most && at != here.end();) {
      const bool goes = (*at)->is_known == known && (*at)->leaving;
      at = goes ? here.erase(at) : std::next(at);
      leaving -= goes ? 1U : 0U;
    }
  }

  // False when the connection is no longer here.
  bool look(Held& connection) {
    switch (connection->receive()) {
      case Connection::Head::partial:
        return true;
      case Connection::Head::gone:
        return false;
      case Connection::Head::too_large:
        connection->say(head_too_large);
        connection->leave();
        return true;
      case Connection::Head::whole:
        break;
    }
    connection->is_known = listener_.is_known_(connection->head());
    connection = (connection->is_known ? known_ : strangers_).add(std::move(connection));
    if (!connection) return false;
    connection->say(busy);
    connection->leave();
    return true;
  }

  // One request.
  void serve(Held connection) {
    bool closed = false;
    current = connection.get();
    const bool last = ++connection->served == requests_of_a_connection;
    const bool fine = listener_.process_request(*connection, last, closed, [&](httplib::Request& request) {
      // What is not wanted here: parts of answers, and answers packed for a network that there is not.
      request.ranges.clear();
      request.headers.erase("Accept-Encoding");
      const auto length = request.get_header_value<std::uint64_t>("Content-Length");
      connection->head_is_read(static_cast<std::size_t>(std::min<std::uint64_t>(length, listener_.limits_.file_body)));
    });
    current = nullptr;
    if (!fine || closed || last || connection->must_close || connection->has_more())
      connection->leave();
    else
      connection->wait_for_next();
    back(std::move(connection));
  }

  Listener& listener_;
  int wake_;
  std::mutex mutex_;
  std::vector<Held> arrived_;
  Workers known_, strangers_;
  std::thread watching_;
};

Listener::Listener(const Limits& limits, std::function<bool(std::string_view)> is_known)
    : limits_(limits), is_known_(std::move(is_known)) {
  new_task_queue = [this] { return room_ = new WaitingRoom(*this); };
  set_payload_max_length(limits.file_body);
  set_tcp_nodelay(true);
  // Not the library's SO_REUSEPORT, with which a second program could listen at the same port.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
}

Listener::~Listener() = default;

void Listener::close_this_connection() {
  if (current) current->must_close = true;
}

void Listener::widen_queue() {
  ::listen(svr_sock_, SOMAXCONN);
}

void Listener::stop_all() {
  stopping_ = true;
  stop();
}

bool Listener::process_and_close_socket(socket_t socket) {
  room_->admit(socket);
  return true;
}

}  // namespace cotejo::server
