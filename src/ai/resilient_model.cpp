#include "ai/resilient_model.h"

#include "core/log.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace carevoice::ai {

namespace {

constexpr int too_many_requests = 429;

bool is_blocked(const Error& error) {
    return error.code == Errc::rejected && error.provider_code == 0;
}

/// For metrics and logs.
std::string_view outcome_of(const Error& error) {
    if (is_blocked(error)) return "blocked";
    if (error.code == Errc::unavailable && error.provider_code == too_many_requests) return "limited";
    return to_string(error.code);
}

bool may_a_repetition_help(const Error& error) {
    return error.code == Errc::unavailable && error.provider_code != too_many_requests;
}

double seconds(SteadyTime::duration span) {
    return std::chrono::duration<double>(span).count();
}

}  // namespace

struct ResilientModel::Candidate {
    std::unique_ptr<ChatModel> model;
    ModelPrice price;
    CircuitBreaker breaker;
};

struct ResilientModel::Attempt {
    Result<std::unique_ptr<ChatReply>> reply;
    std::string_view reason;  ///< why there is none; a constant
};

/// Measures what becomes of a reply.
class ResilientModel::Reply final : public ChatReply {
public:
    Reply(ResilientModel& owner, const Candidate& candidate, std::unique_ptr<ChatReply> inner, SteadyTime began)
        : owner_(owner), candidate_(candidate), inner_(std::move(inner)), began_(began) {}
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;
    ~Reply() override {
        if (!is_counted_) count("dropped");
    }

    [[nodiscard]] const std::string& speak() const noexcept override { return inner_->speak(); }

    async::Task<Result<ChatAnswer>> finish(Deadline deadline) override {
        const Deadline by(std::min(deadline.at(), began_ + owner_.limits_.whole));
        auto answer = co_await inner_->finish(by);
        is_counted_ = true;
        if (answer.has_error()) {
            owner_.note_failure(candidate_, answer.error());
        } else {
            count("ok");
            measure(answer->usage);
        }
        co_return answer;
    }

private:
    void count(std::string_view outcome) const {
        owner_.metrics_.add("carevoice_chat_requests_total",
                            {{"model", candidate_.model->name()}, {"outcome", outcome}});
    }

    void measure(const ChatUsage& usage) const {
        Metrics& metrics = owner_.metrics_;
        const std::string_view model = candidate_.model->name();
        const auto cached = std::min(usage.cached_input_tokens, usage.input_tokens);
        const auto add_tokens = [&](std::string_view kind, std::int64_t tokens) {
            if (tokens <= 0) return;
            metrics.add("carevoice_chat_tokens_total", {{"model", model}, {"kind", kind}}, static_cast<double>(tokens));
        };
        add_tokens("input", usage.input_tokens - cached);
        add_tokens("cached", cached);
        add_tokens("output", usage.output_tokens);
        metrics.add("carevoice_chat_cost_usd_total", {{"model", model}}, candidate_.price.usd(usage));
        metrics.observe_seconds("carevoice_chat_seconds", seconds(owner_.clock_.steady_now() - began_),
                                {{"model", model}});
    }

    ResilientModel& owner_;
    const Candidate& candidate_;
    std::unique_ptr<ChatReply> inner_;
    const SteadyTime began_;
    bool is_counted_ = false;
};

ResilientModel::ResilientModel(std::vector<ChatCandidate> models, ChatLimits limits, BreakerOptions breaker,
                               const Clock& clock, Random& random, Metrics& metrics)
    : limits_(limits), clock_(clock), random_(random), metrics_(metrics) {
    if (models.empty() || models.size() > 2) throw std::logic_error("there is one chat model, or there are two");
    for (ChatCandidate& each : models) {
        const std::string name = each.model->name();
        // Built in place: a breaker does not move.
        candidates_.emplace_back(
            new Candidate{std::move(each.model), each.price, {name, breaker, clock, random, metrics}});
    }
}

ResilientModel::~ResilientModel() = default;

const std::string& ResilientModel::name() const noexcept {
    return candidates_.front()->model->name();
}

SteadyTime ResilientModel::not_before() const noexcept {
    SteadyTime first = SteadyTime::max();
    for (const auto& candidate : candidates_) first = std::min(first, candidate->model->not_before());
    return first;
}

async::Task<Result<std::unique_ptr<ChatReply>>> ResilientModel::ask(ChatPrompt prompt, Deadline deadline) {
    const SteadyTime began = clock_.steady_now();
    const Deadline by = deadline.at_most(limits_.first_sentence, began);
    const auto shared = std::make_shared<const ChatPrompt>(std::move(prompt));
    Attempt attempt{Error{Errc::timed_out, "there is too little time to ask a model"}, "no_time"};
    for (const auto& candidate : candidates_) {
        const bool is_first = candidate == candidates_.front();
        if (by.left(clock_.steady_now()) < limits_.worth_trying) break;
        if (!is_first)
            metrics_.add("carevoice_chat_fallbacks_total", {{"to", "second_model"}, {"reason", attempt.reason}});
        attempt = co_await try_candidate(*candidate, shared, by);
        if (attempt.reply.has_value()) {
            metrics_.observe_seconds("carevoice_chat_first_sentence_seconds", seconds(clock_.steady_now() - began),
                                     {{"model", candidate->model->name()}});
            co_return std::make_unique<Reply>(*this, *candidate, std::move(*attempt.reply), began);
        }
        if (attempt.reply.error().code == Errc::cancelled) co_return attempt.reply.error();
    }
    metrics_.add("carevoice_chat_fallbacks_total", {{"to", "own_words"}, {"reason", attempt.reason}});
    co_return attempt.reply.error();
}

async::Task<ResilientModel::Attempt> ResilientModel::try_candidate(Candidate& candidate, PromptPtr prompt,
                                                                   Deadline deadline) {
    const SteadyTime now = clock_.steady_now();
    if (candidate.model->not_before() > now)
        co_return Attempt{Error{Errc::unavailable, "the model's server asked to be left alone", {}, too_many_requests},
                          "limited"};
    auto permit = candidate.breaker.enter();
    if (!permit)
        co_return Attempt{
            Error{Errc::unavailable, "the model has failed too often of late", std::string(breaker_field)},
            "breaker_open"};
    auto reply = co_await ask_candidate(candidate, std::move(prompt), deadline);
    if (reply.has_value()) {
        permit->succeed();
        co_return Attempt{std::move(reply), {}};
    }
    const Error& error = reply.error();
    note_failure(candidate, error);
    // Who got little time to answer is not to blame for being late.
    const bool had_little_time = deadline.left(now) < limits_.first_sentence / 2;
    if (is_blocked(error))
        permit->succeed();
    else if (error.code != Errc::cancelled && error.code != Errc::invalid_input &&
             !(error.code == Errc::timed_out && had_little_time))
        permit->fail();
    const std::string_view reason = outcome_of(error);
    co_return Attempt{std::move(reply), reason};
}

async::Task<Result<std::unique_ptr<ChatReply>>> ResilientModel::ask_candidate(Candidate& candidate, PromptPtr prompt,
                                                                              Deadline deadline) {
    for (bool is_repetition = false;; is_repetition = true) {
        ChatPrompt copy = *prompt;
        auto reply = co_await candidate.model->ask(std::move(copy), deadline);
        if (reply.has_value() || is_repetition || !may_a_repetition_help(reply.error())) co_return reply;
        const double part = 0.5 + random_.next_unit() / 2;
        const auto wait =
            milliseconds(static_cast<std::int64_t>(static_cast<double>(limits_.retry_wait.count()) * part));
        const SteadyTime now = clock_.steady_now();
        if (candidate.model->not_before() > now || deadline.left(now) < wait + limits_.worth_trying) co_return reply;
        metrics_.add("carevoice_chat_retries_total", {{"model", candidate.model->name()}});
        if ((co_await async::sleep_for(wait)).has_error()) co_return Error{Errc::cancelled, "stopped while waiting"};
    }
}

void ResilientModel::note_failure(const Candidate& candidate, const Error& error) {
    const std::string_view outcome = outcome_of(error);
    const std::string& model = candidate.model->name();
    metrics_.add("carevoice_chat_requests_total", {{"model", model}, {"outcome", outcome}});
    if (error.code == Errc::cancelled) return;
    // A refusal for good does not pass by itself: a key, a model's name, a request that is wrong.
    const bool needs_a_person = error.code == Errc::rejected && !is_blocked(error);
    log(needs_a_person ? LogLevel::error : LogLevel::warning, "a chat model failed",
        {{"model", model}, {"outcome", outcome}, {"detail", error.detail}});
}

}  // namespace carevoice::ai
