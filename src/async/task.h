// The coroutine type of the house, and waiting with a deadline.
#pragma once

#include "core/error.h"
#include "core/time.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>
#include <variant>

namespace carevoice::async {

namespace asio = boost::asio;

using Executor = asio::any_io_executor;

/// A coroutine: starts when awaited or spawned into a TaskGroup. Cancelling its owner's group ends it at its next wait.
template <class T = void>
using Task = asio::awaitable<T>;

/// Waits until `at`. Errc::cancelled when the owner stopped first.
inline Task<Result<>> sleep_until(SteadyTime at) {
    asio::steady_timer timer(co_await asio::this_coro::executor, at);
    const auto [failure] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (failure) co_return Error{Errc::cancelled, "stopped while waiting"};
    co_return Result<>{};
}

inline Task<Result<>> sleep_for(milliseconds span) {
    return sleep_until(std::chrono::steady_clock::now() + span);
}

/// The result of `work`, or Errc::timed_out once `deadline` has passed: then `work` has been cancelled and has ended,
/// so nothing that it refers to is in use. For one-shot work only: racing a WebSocket's read against a timer kills the
/// stream.
template <class T>
Task<Result<T>> by_deadline(Task<Result<T>> work, Deadline deadline) {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline.at());
    auto winner = co_await (std::move(work) || timer.async_wait(asio::as_tuple(asio::use_awaitable)));
    if (winner.index() == 1) co_return Error{Errc::timed_out, "the deadline passed"};
    co_return std::get<0>(std::move(winner));
}

}  // namespace carevoice::async
