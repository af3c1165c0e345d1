// Calls, alerts, transcripts and figures as the API shows them.
#pragma once

#include "calls/call_service.h"
#include "domain/alert.h"
#include "domain/fact.h"
#include "storage/repositories.h"

#include <boost/json/object.hpp>

namespace carevoice::api {

boost::json::object facts_json(const domain::Facts& facts);
boost::json::object alert_json(const domain::Alert& alert);
/// One line of a list: no clinical data.
boost::json::object call_json(const domain::Call& call);
boost::json::object turn_json(const domain::Turn& turn);
/// GET /calls/status/{id}.
boost::json::object call_status_json(const calls::CallDetails& details);
/// GET /calls/transcripts/{id}.
boost::json::object transcript_json(const calls::CallDetails& details);
boost::json::object figures_json(const storage::CallFigures& figures);

}  // namespace carevoice::api
