import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** A callback for each record. Idempotence and acks=all are the defaults. */
final class Ex1 {
    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", Kit.SERVERS);
        properties.put("key.serializer", StringSerializer.class.getName());
        properties.put("value.serializer", StringSerializer.class.getName());
        Map<String, Integer> partitions = new TreeMap<>();
        int[] failed = {0};
        // All callbacks run on the producer's one thread, and close() waits for them.
        try (Producer<String, String> producer = new KafkaProducer<>(properties)) {
            for (String line : Files.readAllLines(Path.of(System.getenv("KAFKACOURSE_INPUT")))) {
                String customer = Kit.JSON.readTree(line).get("customer_id").asText();
                producer.send(new ProducerRecord<>(Kit.topic("orders"), customer, line), (sent, error) -> {
                    if (error == null) {
                        partitions.merge(Integer.toString(sent.partition()), 1, Integer::sum);
                    } else {
                        System.err.println("not delivered: " + error);
                        failed[0]++;
                    }
                });
            }
        }
        int delivered = partitions.values().stream().mapToInt(Integer::intValue).sum();
        new Kit.Downstream().call("report", Map.of("delivered", delivered, "failed", failed[0], "partitions", partitions));
        System.exit(failed[0] > 0 ? 1 : 0);
    }
}
