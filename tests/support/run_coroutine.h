// Runs one coroutine to its end on a context of its own: for tests of asynchronous code.
#pragma once

#include "async/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace carevoice::tests {

template <class T>
T run(async::Task<T> work) {
    async::asio::io_context context;
    auto done = async::asio::co_spawn(context, std::move(work), async::asio::use_future);
    context.run();
    return done.get();
}

}  // namespace carevoice::tests
