import { deliverWebhook } from '@portcullis/contracts/messages/deliver-webhook'
import { priorities } from '@portcullis/contracts/messages/message'
import type { Queries } from '../connect.ts'

/** The end of a statement whose CTE `delivery` wrote deliveries: a job for each. What tells of a lockdown comes first. */
export function insertDeliveryJobs(queries: Queries) {
  const { name, version, heardBy } = deliverWebhook
  return queries.sql`
    insert into jobs (id, message, version, hearer, payload, priority)
    select uuidv7(), ${name}, ${version}, ${heardBy[0]}, jsonb_build_object('deliveryId', delivery.id),
      case when delivery.lockdown_id is null then ${deliverWebhook.priority}::smallint else ${priorities.security}::smallint end
    from delivery
    returning id`
}
