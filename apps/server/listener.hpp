// An HTTP server in which nobody waits for a stranger.
//
// A connection has no thread while it is idle or its request's head is on the way: one thread watches them all
// (`WaitingRoom`), each with its deadlines and a bound on its head. A whole head is looked at once: a request that shows
// the token or the session's cookie is served by the many threads for people who are known, every other one by the few
// for strangers. Strangers' connections are few as well; the oldest makes room for the newest. What is known is neither
// counted nor turned away with them.
//
// What follows a request before it is answered is never taken for another request: such a connection is closed.
// A body must come at a rate, and a reader must read. (cpp-httplib has a thread for every connection, and bounds each
// read, not their sum.)
#pragma once

#include <httplib.h>

#include <atomic>
#include <functional>

#include "cotejo/server/server.hpp"

namespace cotejo::server {

class WaitingRoom;

class Listener : public httplib::Server {
 public:
  // `is_known` judges the head of a request as it came, "GET / HTTP/1.1\r\nHost: ...".
  Listener(const Limits& limits, std::function<bool(std::string_view head)> is_known);
  ~Listener() override;

  // Within a handler: no further request is read from this connection.
  static void close_this_connection();

  // Once bound: as many connections as the system allows wait to be accepted. The library's five are full, and the sixth
  // client waits a second, whenever a busy machine keeps the accepting thread waiting for a moment.
  void widen_queue();

  bool stopping() const { return stopping_; }
  void stop_all();

 private:
  bool process_and_close_socket(socket_t socket) override;

  Limits limits_;
  std::function<bool(std::string_view)> is_known_;
  std::atomic<bool> stopping_ = false;
  WaitingRoom* room_ = nullptr;  // owned by the base class as its task queue, while it listens
  friend class WaitingRoom;
};

}  // namespace cotejo::server
