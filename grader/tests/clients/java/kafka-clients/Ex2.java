import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** poll, and commitSync with the offsets behind the work. */
final class Ex2 {
    private static final Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
    private static int count;

    public static void main(String[] args) throws Exception {
        Kit.Downstream world = new Kit.Downstream();
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(Kit.consumer("order-processor"));
        AtomicBoolean stopping = Kit.stopping();
        consumer.subscribe(List.of(Kit.topic("orders")));
        while (!stopping.get()) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                if (stopping.get()) break;
                handle(consumer, world, record);
            }
        }
        commit(consumer);
        consumer.close(); // leaves the group
    }

    private static void handle(KafkaConsumer<String, String> consumer, Kit.Downstream world, ConsumerRecord<String, String> record)
            throws Exception {
        JsonNode order = parsed(record);
        if (order != null) {
            world.call("process", order);
            count++;
        }
        done.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
        if (order != null && count % 10 == 0) commit(consumer);
    }

    private static JsonNode parsed(ConsumerRecord<String, String> record) {
        try {
            JsonNode order = Kit.JSON.readTree(record.value());
            if (order.isObject()) return order;
        } catch (JsonProcessingException notJson) {
            // told below
        }
        System.err.println("skipped: no order at " + record.partition() + ":" + record.offset());
        return null;
    }

    private static void commit(KafkaConsumer<String, String> consumer) {
        try {
            consumer.commitSync(done);
            done.clear();
        } catch (KafkaException error) {
            System.err.println("not committed: " + error);
        }
    }
}
