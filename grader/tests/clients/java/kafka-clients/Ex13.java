import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** An admin client: one request for the commits of a group, one for each end of all logs. */
final class Ex13 {
    private static final List<String> WATCHED = List.of("order-processor", "analytics", "billing");
    private static final long LIMIT = 10;
    private static final Map<String, Long> totals = new HashMap<>();
    private static final Set<String> above = new HashSet<>();

    public static void main(String[] args) throws Exception {
        Kit.Downstream world = new Kit.Downstream();
        AtomicBoolean stopping = Kit.stopping();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", Kit.SERVERS))) {
            while (!stopping.get() && isAsked(world)) {
                for (String group : WATCHED) {
                    Map<Integer, Long> lags = null;
                    while (lags == null && !stopping.get()) lags = measured(admin, group);
                    if (lags != null) tell(world, group, lags);
                }
            }
        }
    }

    private static boolean isAsked(Kit.Downstream world) throws Exception {
        try {
            world.call("next", Map.of());
            return true;
        } catch (Kit.Refused nobody) {
            return false;
        }
    }

    /** Null when Kafka has answered with an error. */
    private static Map<Integer, Long> measured(Admin admin, String group) throws InterruptedException {
        try {
            return lags(admin, group);
        } catch (ExecutionException error) {
            System.err.println("asking again: " + error.getCause());
            Thread.sleep(50);
            return null;
        }
    }

    private static Map<Integer, Long> lags(Admin admin, String group) throws ExecutionException, InterruptedException {
        String topic = Kit.topic("orders"), name = Kit.group(group);
        List<TopicPartition> all = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .collect(Collectors.toList());
        ListConsumerGroupOffsetsSpec spec = new ListConsumerGroupOffsetsSpec().topicPartitions(all);
        Map<TopicPartition, OffsetAndMetadata> committed =
                admin.listConsumerGroupOffsets(Map.of(name, spec)).partitionsToOffsetAndMetadata(name).get();
        Map<TopicPartition, ListOffsetsResultInfo> starts = at(admin, all, OffsetSpec.earliest());
        Map<TopicPartition, ListOffsetsResultInfo> ends = at(admin, all, OffsetSpec.latest());
        Map<Integer, Long> lags = new LinkedHashMap<>();
        for (TopicPartition partition : all) {
            OffsetAndMetadata next = committed.get(partition);
            long start = starts.get(partition).offset(), end = ends.get(partition).offset();
            boolean known = next != null && next.offset() <= end;
            lags.put(partition.partition(), known ? Long.valueOf(end - Math.max(next.offset(), start)) : null);
        }
        return lags;
    }

    private static Map<TopicPartition, ListOffsetsResultInfo> at(Admin admin, List<TopicPartition> all, OffsetSpec spec)
            throws ExecutionException, InterruptedException {
        ListOffsetsOptions options = new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED);
        return admin.listOffsets(all.stream().collect(Collectors.toMap(at -> at, at -> spec)), options).all().get();
    }

    private static void tell(Kit.Downstream world, String group, Map<Integer, Long> lags) throws Exception {
        for (Map.Entry<Integer, Long> at : lags.entrySet()) {
            if (at.getValue() == null) continue;
            String place = group + " " + at.getKey();
            if (at.getValue() < LIMIT) above.remove(place);
            else if (above.add(place)) world.call("alert", Map.of("group", group, "partition", at.getKey()));
        }
        List<Long> known = lags.values().stream().filter(Objects::nonNull).collect(Collectors.toList());
        Long total = known.isEmpty() ? null : known.stream().mapToLong(Long::longValue).sum();
        Long before = totals.put(group, total);
        Map<String, Object> report = new HashMap<>();
        report.put("group", group);
        report.put("lag", lags);
        report.put("total", total);
        report.put("trend", before == null || total == null ? null
                : total > before ? "growing" : total < before ? "shrinking" : "steady");
        world.call("lag", report);
    }

    private Ex13() {}
}
