#include "notify/message.h"

#include "core/text.h"
#include "net/http.h"
#include "notify/plain_text.h"

#include <boost/json.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace carevoice::notify {

namespace {

namespace json = boost::json;

constexpr std::size_t quotes_max = 5;
constexpr std::size_t quote_characters_max = 300;
constexpr std::size_t id_characters_max = 100;
constexpr std::size_t sms_parts_max = 3;

struct Details {
    std::string type;  ///< "wound problem"
    std::string patient_id;
    std::vector<std::string> quotes;
};

Details details_of(const domain::Alert& alert) {
    Details details;
    details.type = std::string(to_string(alert.type));
    std::ranges::replace(details.type, '_', ' ');
    details.patient_id = clean_line(alert.patient_id.str(), id_characters_max);
    for (const auto& evidence : alert.evidence) {
        if (details.quotes.size() == quotes_max) break;
        details.quotes.push_back(clean_line(evidence.text, quote_characters_max));
    }
    return details;
}

std::string quoted(std::string_view quote) {
    return '"' + std::string(quote) + '"';
}

class Renderer {
public:
    Renderer(const domain::Notification& notification, const Wording& wording, const domain::Alert* alert)
        : notification_(notification),
          organisation_(clean_line(wording.organisation, id_characters_max)),
          severity_(to_string(notification.severity)),
          alert_id_(clean_line(notification.alert_id.str(), id_characters_max)),
          link_(wording.public_origin + "/alerts/" + net::encode_component(notification.alert_id.str())) {
        if (alert != nullptr) details_ = details_of(*alert);
    }

    [[nodiscard]] std::string subject() const {
        return (is_escalated() ? "Patient alert still unanswered (" : "Patient alert (") + severity_ + ")";
    }

    [[nodiscard]] std::string text() const {
        std::string text = sentence() + "\n\nOpen it: " + link_ + "\n";
        if (details_) {
            text += "\nWhat: " + details_->type + "\nPatient: " + details_->patient_id + "\n";
            for (const auto& quote : details_->quotes) text += "Said: " + quoted(quote) + "\n";
        }
        text += "\nAlert " + alert_id_ + "\n";
        if (notification_.is_backup) text += backup_note() + "\n";
        return text + footer() + "\n";
    }

    [[nodiscard]] std::string html() const {
        std::string html =
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" +
            escape_html(subject()) +
            "</title></head>\n<body style=\"margin:0;padding:20px;font:18px/1.5 Arial,sans-serif;color:#1b1b1b\">\n";
        html += paragraph(sentence());
        html += "<p><a href=\"" + escape_html(link_) +
                "\" style=\"display:inline-block;padding:14px 22px;background:#0b5cad;color:#ffffff;"
                "text-decoration:none;border-radius:6px\">Open the alert</a></p>\n";
        if (details_) {
            html += paragraph("What: " + details_->type);
            html += paragraph("Patient: " + details_->patient_id);
            for (const auto& quote : details_->quotes) html += paragraph("Said: " + quoted(quote));
        }
        html += "<p style=\"font-size:14px;color:#555555\">Alert " + escape_html(alert_id_) + "<br>\n" +
                escape_html(link_) + "<br>\n";
        if (notification_.is_backup) html += escape_html(backup_note()) + "<br>\n";
        return html + escape_html(footer()) + "</p>\n</body></html>\n";
    }

    [[nodiscard]] std::string sms() const {
        if (!details_) return short_sms();
        std::string text = sentence() + " " + link_ + " " + details_->type + ", patient " + details_->patient_id + ".";
        for (const auto& quote : details_->quotes) text += " " + quoted(quote);
        return to_gsm7(text, sms_parts_max * sms_part_septets_max);
    }

    [[nodiscard]] std::string json_body(WallTime created_at) const {
        json::object body{{"id", clean_line(notification_.id.str(), id_characters_max)},
                          {"type", is_escalated() ? "alert.escalated" : "alert.raised"},
                          {"alert_id", alert_id_},
                          {"call_session_id", clean_line(notification_.call_session_id.str(), id_characters_max)},
                          {"severity", severity_},
                          {"level", notification_.level},
                          {"created_at", format_rfc3339(created_at)},
                          {"link", link_}};
        if (details_) {
            body["alert_type"] = details_->type;
            body["patient_id"] = details_->patient_id;
            body["quotes"] = json::array(details_->quotes.begin(), details_->quotes.end());
        }
        return json::serialize(body);
    }

private:
    [[nodiscard]] bool is_escalated() const { return notification_.level > 0; }

    [[nodiscard]] std::string sentence() const {
        if (is_escalated()) return "Still unanswered: an alert about one of your patients (" + severity_ + ").";
        return "An alert about one of your patients waits (" + severity_ + ").";
    }

    /// The first wording that fits into one part with the whole link: a link that was cut leads nowhere.
    [[nodiscard]] std::string short_sms() const {
        const std::vector<std::string> wordings = {sentence() + " " + link_, subject() + ": " + link_, link_};
        for (const auto& wording : wordings)
            if (const auto length = gsm7_length(wording); length && *length <= sms_septets_max) return wording;
        return to_gsm7(sentence() + " Its id: " + alert_id_, sms_septets_max);
    }

    [[nodiscard]] static std::string paragraph(std::string_view text) { return "<p>" + escape_html(text) + "</p>\n"; }

    [[nodiscard]] static std::string backup_note() {
        return "You get this here because another way of telling you did not work.";
    }

    [[nodiscard]] std::string footer() const {
        return "Sent by " + (organisation_.empty() ? std::string("Carevoice") : organisation_) +
               ". Replies to this message are not read.";
    }

    const domain::Notification& notification_;
    std::string organisation_;
    std::string severity_;
    std::string alert_id_;
    std::string link_;
    std::optional<Details> details_;
};

}  // namespace

Message render(const domain::Notification& notification, const Wording& wording, WallTime created_at,
               const domain::Alert* details) {
    const Renderer renderer(notification, wording, details);
    return {.notification = notification,
            .created_at = created_at,
            .subject = renderer.subject(),
            .text = renderer.text(),
            .html = renderer.html(),
            .sms = renderer.sms(),
            .json = renderer.json_body(created_at)};
}

}  // namespace carevoice::notify
