#include "calls/reply_twiml.h"

#include <algorithm>

namespace carevoice::calls {

namespace {

constexpr std::string_view stream_name = "patient-audio";
constexpr int transfer_ring_seconds = 20;

int whole_seconds(milliseconds span) {
    return std::max(1, static_cast<int>(std::chrono::ceil<std::chrono::seconds>(span).count()));
}

twilio::Delivery delivery_of(const domain::Move& move) {
    return {.pauses = move.pauses, .slowly = move.slowly};
}

void end_call(twilio::TwiML& document, const domain::Move& move, const ReplyContext& context) {
    document.say(move.speak, delivery_of(move));
    if (move.transfer_to_person && !context.transfer_number.empty()) {
        document.dial(context.transfer_number, context.settings.from_number, transfer_ring_seconds);
        // Reached only when nobody took the transfer.
        document.say("I could not reach the team just now. They have your message.");
    }
    document.hangup();
}

void ask_by_gather(twilio::TwiML& document, const domain::Move& move, const ReplyContext& context,
                   const CallbackUrls& urls) {
    twilio::GatherOptions options;
    options.action_url = urls.gather(context.call_session_id);
    options.num_digits = move.keys > 0 ? move.keys : 0;
    options.timeout_seconds = whole_seconds(move.patience);
    options.hints = gather_hints(move);
    document.gather(options, move.speak, delivery_of(move));
    document.redirect(urls.voice(context.call_session_id));
}

}  // namespace

Result<std::string> reply_twiml(const domain::Move& move, const ReplyContext& context) {
    const CallbackUrls urls(context.settings.public_origin);
    twilio::TwiML document(context.settings.voice);
    if (move.end_call) {
        end_call(document, move, context);
        return document.xml();
    }
    if (context.hearing == Hearing::gather) {
        ask_by_gather(document, move, context, urls);
        return document.xml();
    }
    if (context.hearing == Hearing::start_stream)
        document.start_stream(urls.stream(context.call_session_id), stream_name, {{"token", context.stream_token}},
                              urls.stream_status(context.call_session_id));
    if (!move.speak.empty()) document.say(move.speak, delivery_of(move));
    document.pause(whole_seconds(move.patience));
    document.redirect(urls.voice(context.call_session_id));
    return document.xml();
}

std::string holding_twiml(const ReplyContext& context, int seconds) {
    twilio::TwiML document(context.settings.voice);
    document.pause(seconds).redirect(CallbackUrls(context.settings.public_origin).voice(context.call_session_id));
    return document.xml().value();
}

std::string hangup_twiml() {
    return twilio::TwiML().hangup().xml().value();
}

std::string gather_hints(const domain::Move& move) {
    using domain::AnswerKind;
    switch (move.expects) {
        case AnswerKind::number: return "zero,one,two,three,four,five,six,seven,eight,nine,ten,no pain";
        case AnswerKind::yes_no: return "yes,no";
        case AnswerKind::temperature: return "fever,no fever,ninety-eight point six,one hundred and one,chills";
        default: return move.speech_prompt;
    }
}

}  // namespace carevoice::calls
