// SPDX-License-Identifier: LGPL-2.1-or-later
// Coroutines for work that waits for people and cards, so that its steps read from top to bottom
// (docs/decisions/0017). Loop thread only.

#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace digisign::core {

template <class T>
class Task;

namespace detail {

class PromiseBase {
public:
    std::suspend_always initial_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { failure_ = std::current_exception(); }

    struct FinalAwaiter {
        bool await_ready() const noexcept { return false; }
        void await_resume() const noexcept {}

        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
            PromiseBase& promise = self.promise();
            if (promise.waiting_)
                return promise.waiting_;
            // Nothing of the frame is used any more: `done` may destroy it.
            if (const auto done = std::move(promise.done_))
                done();
            return std::noop_coroutine();
        }
    };
    FinalAwaiter final_suspend() const noexcept { return {}; }

    void rethrow_failure() const {
        if (failure_)
            std::rethrow_exception(failure_);
    }

private:
    template <class T>
    friend class core::Task;

    std::coroutine_handle<> waiting_; ///< the coroutine that awaits this one
    std::function<void()> done_;      ///< for one that nobody awaits
    std::exception_ptr failure_;
};

template <class T>
class Promise : public PromiseBase {
public:
    Task<T> get_return_object();
    void return_value(T value) { value_.emplace(std::move(value)); }

    T take() {
        rethrow_failure();
        return std::move(value_.value());
    }

private:
    std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
public:
    Task<void> get_return_object();
    void return_void() const noexcept {}
    void take() const { rethrow_failure(); }
};

} // namespace detail

/// A coroutine that runs when it is awaited or started. Destroying the Task ends it where it stands: what it
/// waits for is withdrawn, and its variables are destroyed.
template <class T>
class [[nodiscard]] Task {
public:
    using promise_type = detail::Promise<T>;

    Task() = default;
    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    ~Task() { reset(); }

    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            reset();
            handle_ = std::exchange(other.handle_, {});
        }
        return *this;
    }

    /// Runs it up to the first thing it has to wait for. `done` is called once it has ended; take() then
    /// returns its value or throws what it threw. `done` may destroy the Task.
    void start(std::function<void()> done) {
        handle_.promise().done_ = std::move(done);
        handle_.resume();
    }

    T take() { return handle_.promise().take(); }

    void reset() noexcept {
        if (const auto handle = std::exchange(handle_, {}))
            handle.destroy();
    }

    auto operator co_await() && noexcept {
        struct Awaiter {
            std::coroutine_handle<promise_type> callee;

            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) const noexcept {
                callee.promise().waiting_ = caller;
                return callee;
            }
            T await_resume() const { return callee.promise().take(); }
        };
        return Awaiter{handle_};
    }

private:
    std::coroutine_handle<promise_type> handle_;
};

template <class T>
Task<T> detail::Promise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> detail::Promise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

/// Awaits one answer of something that calls back, at once or later. Ended before that, it withdraws the
/// question.
template <class Result>
class [[nodiscard]] Answer {
public:
    using Callback = std::function<void(Result)>;
    using Withdraw = std::function<void()>;

    /// `ask` starts and returns how to withdraw; after that the callback is not called.
    explicit Answer(std::function<Withdraw(Callback)> ask) : ask_(std::move(ask)) {}
    ~Answer() {
        if (withdraw_)
            withdraw_();
    }

    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    bool await_ready() const noexcept { return false; }

    bool await_suspend(std::coroutine_handle<> waiting) {
        Withdraw withdraw = ask_([this](Result result) {
            withdraw_ = nullptr;
            result_.emplace(std::move(result));
            if (waiting_)
                waiting_.resume();
        });
        if (result_)
            return false;
        withdraw_ = std::move(withdraw);
        waiting_ = waiting;
        return true;
    }

    Result await_resume() { return std::move(result_.value()); }

private:
    std::function<Withdraw(Callback)> ask_;
    Withdraw withdraw_;
    std::coroutine_handle<> waiting_;
    std::optional<Result> result_;
};

} // namespace digisign::core
