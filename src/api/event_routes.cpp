#include "api/problem.h"
#include "api/routes.h"

namespace carevoice::api {

namespace {

constexpr const char* call_parameter = "call_session_id";

/// The call that is asked for, if one is.
Result<std::optional<CallSessionId>> wanted_call(const net::HttpRequest& request) {
    const auto text = net::find_field(request.query, call_parameter);
    if (!text) return std::optional<CallSessionId>();
    if (!is_valid_public_id(*text)) return Error{Errc::invalid_input, "not an id", call_parameter};
    return std::optional(CallSessionId(std::string(*text)));
}

}  // namespace

async::Task<boost::system::result<void, net::HttpResponse>> EventRoutes::check(net::HttpRequest request) {
    using Verdict = boost::system::result<void, net::HttpResponse>;
    const auto refuse = [&request](Error error) { return Verdict(problem_response(error, request.request_id)); };
    if (!is_authenticated(request, deps_))
        co_return refuse({Errc::unauthorised, "send `Authorization: Bearer KEY` with a valid API key"});
    const auto call = wanted_call(request);
    if (call.has_error()) co_return refuse(call.error());
    if (deps_.events == nullptr) co_return refuse({Errc::unavailable, "there are no live events here"});
    if (!deps_.events->has_room()) co_return refuse({Errc::unavailable, "too many readers of live events"});
    co_return Verdict();
}

async::Task<> EventRoutes::stream(net::HttpRequest request, std::shared_ptr<net::Router::StreamSink> sink) {
    const auto call = wanted_call(request);
    const auto reader = deps_.events->read(*call, request.headers.find("Last-Event-ID").value_or(""));
    // Others may have come between the check and here.
    bool goes_on = reader != nullptr;
    while (goes_on) {
        auto news = co_await reader->next(Deadline::in(deps_.events_heartbeat));
        if (news.has_error() && news.error().code == Errc::cancelled) co_return;
        goes_on = news.has_value() || news.error().code == Errc::timed_out;
        std::string text = ": nothing new\n\n";
        if (news.has_value()) text = std::move(*news);
        if (!goes_on) text = "event: resume\ndata: {}\n\n";
        const auto written = co_await sink->write(std::move(text));
        goes_on = goes_on && written.has_value();
    }
}

}  // namespace carevoice::api
