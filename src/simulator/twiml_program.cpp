#include "simulator/twiml_program.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace carevoice::simulator {

namespace {

constexpr double characters_per_second = 15;
constexpr std::size_t loads_per_second_max = 25;

SteadyTime now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

TwimlProgram::TwimlProgram(CallControl& control, const TwilioOptions& options, SteadyTime time_limit)
    : control_(control), options_(options), time_limit_(time_limit) {}

async::Task<> TwimlProgram::run(Start start) {
    document_url_ = start.url;
    fallback_url_ = start.fallback_url;
    Next next = Execute{start.twiml};
    if (!start.url.empty()) next = Load{start.url, start.method, std::move(start.extra)};
    while (!std::holds_alternative<Over>(next)) {
        if (auto* request = std::get_if<Load>(&next)) {
            auto page = co_await load(std::move(*request));
            if (!page) {
                next = co_await apologise();
                continue;
            }
            next = Execute{std::move(*page)};
        }
        // An update that came while the page was on its way is the newer instruction.
        while (auto event = control_.inbox().try_pop())
            if (auto changed = interruption(std::move(*event))) next = std::move(*changed);
        if (auto* page = std::get_if<Execute>(&next)) next = co_await run_document(std::move(page->twiml));
    }
}

async::Task<Result<std::string>> TwimlProgram::load(Load request) {
    const auto since = now() - std::chrono::seconds(1);
    std::erase_if(loads_, [since](SteadyTime at) { return at < since; });
    loads_.push_back(now());
    if (loads_.size() > loads_per_second_max) {
        control_.note(11215, "more than 25 documents in a second: the program goes in circles");
        co_return Error{Errc::corrupt, "the program goes in circles"};
    }
    document_url_ = request.url;
    auto page = co_await control_.fetch(request.url, request.method, request.extra);
    if (page || fallback_url_.empty() || page.error().code == Errc::cancelled) co_return page;
    net::FormFields extra = std::move(request.extra);
    extra.emplace_back("ErrorCode", std::to_string(page.error().provider_code));
    extra.emplace_back("ErrorUrl", request.url);
    document_url_ = fallback_url_;
    co_return co_await control_.fetch(fallback_url_, "POST", std::move(extra));
}

async::Task<TwimlProgram::Next> TwimlProgram::run_document(std::string twiml) {
    auto verbs = parse_twiml(twiml);
    if (!verbs) {
        control_.note(verbs.error().provider_code, verbs.error().detail);
        co_return co_await apologise();
    }
    for (auto& verb : *verbs) {
        auto next = co_await run_verb(std::move(verb));
        if (!std::holds_alternative<GoOn>(next)) co_return next;
    }
    // The end of the document ends the call.
    co_return Next{Over{}};
}

async::Task<TwimlProgram::Next> TwimlProgram::run_verb(Verb verb) {
    if (auto* spoken = std::get_if<SayVerb>(&verb)) {
        Next next = GoOn{};
        for (int i = 0; i < spoken->loop && std::holds_alternative<GoOn>(next); ++i)
            next = co_await say(spoken->text, false);
        co_return next;
    }
    if (const auto* pause = std::get_if<PauseVerb>(&verb)) co_return co_await wait_until(now() + pause->length, false);
    if (std::holds_alternative<PlayVerb>(verb)) co_return co_await wait_until(now() + voice_time(15), false);
    if (auto* redirect = std::get_if<RedirectVerb>(&verb))
        co_return Next{Load{resolve(redirect->url), redirect->method, {}}};
    if (auto* start = std::get_if<StartStreamVerb>(&verb)) {
        start->stream.status_callback =
            start->stream.status_callback.empty() ? "" : resolve(start->stream.status_callback);
        control_.open_stream(std::move(start->stream), false);
        co_return Next{GoOn{}};
    }
    if (auto* stop = std::get_if<StopStreamVerb>(&verb)) {
        control_.close_stream(stop->name);
        co_return Next{GoOn{}};
    }
    if (auto* two_way = std::get_if<ConnectStreamVerb>(&verb)) co_return co_await connect(std::move(*two_way));
    if (auto* asked = std::get_if<GatherVerb>(&verb)) co_return co_await gather(std::move(*asked));
    if (auto* transfer = std::get_if<DialVerb>(&verb)) co_return co_await dial(std::move(*transfer));
    if (std::holds_alternative<RejectVerb>(verb)) control_.note(12200, "Reject is for inbound calls only");
    co_return Next{Over{}};
}

async::Task<TwimlProgram::Next> TwimlProgram::say(std::string text, bool stops_on_input) {
    const auto began = now();
    const auto length = voice_time(text.size());
    control_.voice_begins(std::move(text), began + length);
    auto next = co_await wait_until(began + length, stops_on_input);
    const auto heard = std::chrono::duration<double, std::milli>(now() - began).count();
    control_.voice_ends(std::min(1.0, heard / std::max(1.0, static_cast<double>(length.count()))));
    co_return next;
}

async::Task<TwimlProgram::Next> TwimlProgram::wait_until(SteadyTime at, bool stops_on_input) {
    while (!(stops_on_input && heard_input())) {
        auto event = co_await control_.inbox().pop(Deadline(std::min(at, time_limit_)));
        if (event) {
            if (auto next = interruption(std::move(*event))) co_return std::move(*next);
        } else if (event.error().code != Errc::timed_out || now() >= time_limit_) {
            co_return Next{Over{}};
        } else {
            break;
        }
    }
    co_return Next{GoOn{}};
}

std::optional<TwimlProgram::Next> TwimlProgram::interruption(LineEvent event) {
    if (auto* update = std::get_if<LiveUpdate>(&event)) {
        if (!update->url.empty()) return Next{Load{std::move(update->url), std::move(update->method), {}}};
        return Next{Execute{std::move(update->twiml)}};
    }
    if (std::holds_alternative<HangUpByRest>(event) || std::holds_alternative<HangUpByParty>(event))
        return Next{Over{}};
    if (auto* speech = std::get_if<PartySpeaks>(&event)) {
        if (speech_ && wants_speech_) {
            speech_->text += ' ' + speech->text;
            speech_->ends_at = speech->ends_at;
        } else {
            speech_ = std::move(*speech);
        }
    } else if (const auto* press = std::get_if<PartyPresses>(&event)) {
        if (wants_keys_) keys_ += press->key;
        last_key_ = now();
    }
    return std::nullopt;
}

async::Task<TwimlProgram::Next> TwimlProgram::connect(ConnectStreamVerb verb) {
    if (!verb.stream.status_callback.empty()) verb.stream.status_callback = resolve(verb.stream.status_callback);
    const auto sid = control_.open_stream(std::move(verb.stream), true);
    for (;;) {
        auto event = co_await control_.inbox().pop(Deadline(time_limit_));
        if (!event) co_return Next{Over{}};
        const auto* ended = std::get_if<StreamOver>(&*event);
        if (ended != nullptr && ended->sid == sid) break;
        if (auto next = interruption(std::move(*event))) {
            control_.close_stream(sid);
            co_return std::move(*next);
        }
    }
    if (verb.action.empty()) co_return Next{GoOn{}};
    co_return Next{Load{resolve(verb.action), verb.method, {}}};
}

async::Task<TwimlProgram::Next> TwimlProgram::dial(DialVerb verb) {
    const auto began = now();
    const auto rings = options_.dial_answers ? std::chrono::duration_cast<milliseconds>(options_.ring_time)
                                             : std::min(verb.timeout, milliseconds{30'000});
    const auto shortened = milliseconds{std::llround(static_cast<double>(rings.count()) / options_.pace)};
    auto next = co_await wait_until(began + shortened, false);
    const std::string outcome = options_.dial_answers ? "completed" : "no-answer";
    net::FormFields extra{{"DialCallStatus", outcome}, {"DialBridged", options_.dial_answers ? "true" : "false"}};
    if (!std::holds_alternative<GoOn>(next)) {
        // Twilio still asks for the action of a verb that an update cut short.
        if (!verb.action.empty() && !std::holds_alternative<Over>(next))
            control_.request_only(resolve(verb.action), verb.method, std::move(extra));
        co_return next;
    }
    if (verb.action.empty()) co_return Next{GoOn{}};
    co_return Next{Load{resolve(verb.action), verb.method, std::move(extra)}};
}

async::Task<TwimlProgram::Next> TwimlProgram::apologise() {
    const auto next = co_await say("We are sorry, an application error has occurred. Goodbye.", false);
    // An update may still save the call; otherwise it ends here.
    if (std::holds_alternative<GoOn>(next)) co_return Next{Over{}};
    co_return next;
}

milliseconds TwimlProgram::voice_time(std::size_t characters) const {
    const double seconds = static_cast<double>(characters) / (characters_per_second * options_.pace);
    return milliseconds{std::max(1LL, std::llround(seconds * 1000))};
}

}  // namespace carevoice::simulator
