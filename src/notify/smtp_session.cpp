#include "notify/smtp_session.h"

#include "notify/plain_text.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace carevoice::notify {

namespace {

constexpr std::size_t receipt_characters_max = 100;
/// Less than this is not worth a connection.
constexpr milliseconds shortest_session{50};

enum class Stage { hello, sender, recipient, mail };

/// What libcurl tells while it works: its result alone does not say whom a refusal was about.
struct Session {
    std::string_view left;  ///< of the mail
    bool sent_all = false;
    Stage stage = Stage::hello;
    std::string last_reply = {};  ///< to the mail
};

std::size_t read_mail(char* buffer, std::size_t size, std::size_t count, void* data) {
    auto& session = *static_cast<Session*>(data);
    const std::size_t length = std::min(size * count, session.left.size());
    if (length > 0) std::memcpy(buffer, session.left.data(), length);
    session.left.remove_prefix(length);
    session.sent_all = session.left.empty();
    return length;
}

int watch(CURL*, curl_infotype type, char* bytes, std::size_t length, void* data) {
    auto& session = *static_cast<Session*>(data);
    const std::string_view line(bytes, length);
    if (type == CURLINFO_HEADER_OUT) {
        if (line.starts_with("MAIL FROM")) session.stage = Stage::sender;
        if (line.starts_with("RCPT TO")) session.stage = Stage::recipient;
        if (line.starts_with("DATA")) session.stage = Stage::mail;
    }
    if (type == CURLINFO_HEADER_IN && session.stage == Stage::mail && line.starts_with("250 "))
        session.last_reply = clean_line(line.substr(4), receipt_characters_max);
    return 0;
}

/// libcurl says QUIT when a kept connection goes, and waits for the answer without regard to our deadline: two minutes
/// with a server that hangs. We want no answer any more, so there is nothing to be read from then on.
void stop_listening(CURL* curl) {
    curl_socket_t connection = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &connection) == CURLE_OK && connection != CURL_SOCKET_BAD)
        ::shutdown(connection, SHUT_RD);
}

struct FreeCurl {
    void operator()(CURL* curl) const {
        stop_listening(curl);
        curl_easy_cleanup(curl);
    }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Curl = std::unique_ptr<CURL, FreeCurl>;

void set_server(CURL* curl, const SmtpSettings& settings) {
    constexpr std::uint16_t smtps = 465;
    const bool is_ipv6 = settings.host.find(':') != std::string::npos;
    const std::string host = is_ipv6 ? "[" + settings.host + "]" : settings.host;
    // The path is what we say after EHLO.
    const std::string our_host = settings.from.substr(settings.from.find('@') + 1);
    const std::string url =
        (settings.port == smtps ? "smtps://" : "smtp://") + host + ":" + std::to_string(settings.port) + "/" + our_host;
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    // A login in clear would be worth more to a listener than the mail.
    const long tls = settings.user.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL;
    curl_easy_setopt(curl, CURLOPT_USE_SSL, tls);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, settings.ca_file.c_str());
    if (settings.user.empty()) return;
    curl_easy_setopt(curl, CURLOPT_USERNAME, settings.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, settings.password.c_str());
}

void set_limits(CURL* curl, const SmtpSettings& settings, milliseconds left) {
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::min(settings.connect_timeout, left).count()));
}

void set_mail(CURL* curl, Session& session, const std::string& from, const curl_slist* to) {
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_mail);
    curl_easy_setopt(curl, CURLOPT_READDATA, &session);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, watch);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &session);
}

std::string_view refused_what(Stage stage) {
    switch (stage) {
        case Stage::hello: return "us";
        case Stage::sender: return "the sender";
        case Stage::recipient: return "the recipient";
        case Stage::mail: return "the mail";
    }
    return "us";
}

Error judge(CURLcode code, long reply, const Session& session) {
    const bool was_refused = reply >= 400 && reply < 600;
    if (was_refused && code != CURLE_OPERATION_TIMEDOUT) {
        const bool is_final = reply >= 500 && (session.stage == Stage::recipient || session.stage == Stage::mail);
        return {
            is_final ? Errc::rejected : Errc::unavailable,
            "the mail server refused " + std::string(refused_what(session.stage)) + " (" + std::to_string(reply) + ")",
            "", static_cast<int>(reply)};
    }
    if (session.sent_all) return {Errc::timed_out, "the mail server did not say whether it took the mail"};
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT: return {Errc::unavailable, "the mail server is too slow"};
        case CURLE_USE_SSL_FAILED: return {Errc::unavailable, "the mail server offers no TLS, so we do not log in"};
        case CURLE_LOGIN_DENIED: return {Errc::unavailable, "the mail server refused our login"};
        case CURLE_PEER_FAILED_VERIFICATION:
            return {Errc::unavailable, "the mail server's certificate is not to be trusted"};
        case CURLE_COULDNT_RESOLVE_HOST: return {Errc::unavailable, "the mail server's name is unknown"};
        case CURLE_COULDNT_CONNECT: return {Errc::unavailable, "the mail server cannot be reached"};
        default: return {Errc::unavailable, std::string("the mail server: ") + curl_easy_strerror(code)};
    }
}

}  // namespace

void prepare_curl() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Result<std::string> send_blocking(const SmtpSettings& settings, const std::string& to, const std::string& mail,
                                  Deadline deadline) {
    const auto left = deadline.left(std::chrono::steady_clock::now());
    if (left < shortest_session) return Error{Errc::unavailable, "no time left for the mail"};
    const Curl curl(curl_easy_init());
    const std::unique_ptr<curl_slist, FreeList> recipients(curl_slist_append(nullptr, to.c_str()));
    if (!curl || !recipients) return Error{Errc::unavailable, "no memory for the mail"};
    Session session{.left = mail};
    set_server(curl.get(), settings);
    set_limits(curl.get(), settings, left);
    set_mail(curl.get(), session, settings.from, recipients.get());
    const CURLcode code = curl_easy_perform(curl.get());
    if (code == CURLE_OK) return session.last_reply;
    long reply = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &reply);
    return judge(code, reply, session);
}

}  // namespace carevoice::notify
