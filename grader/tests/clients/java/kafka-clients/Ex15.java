import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;

/** A future for each payment. send() waits for metadata for max.block.ms, each time anew, so they are asked for once before. */
final class Ex15 {
    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", Kit.SERVERS);
        properties.put("key.serializer", StringSerializer.class.getName());
        properties.put("value.serializer", StringSerializer.class.getName());
        properties.put("delivery.timeout.ms", "5000");
        properties.put("request.timeout.ms", "2000");
        properties.put("max.block.ms", "5000");
        String topic = Kit.topic("payments");
        List<String> payments = Files.readAllLines(Path.of(System.getenv("KAFKACOURSE_INPUT")));
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        Producer<String, String> producer = new KafkaProducer<>(properties);
        try {
            producer.partitionsFor(topic);
            for (String payment : payments) {
                String customer = Kit.JSON.readTree(payment).get("customer_id").asText();
                sent.add(producer.send(new ProducerRecord<>(topic, customer, payment)));
            }
        } catch (TimeoutException nobodyAnswers) {
            System.err.println(nobodyAnswers);
        }
        Kit.Downstream world = new Kit.Downstream();
        boolean acknowledged = true;
        for (int at = 0; at < payments.size(); at++) {
            String word = at < sent.size() ? word(sent.get(at)) : "unknown";
            acknowledged &= word.equals("acknowledged");
            String id = Kit.JSON.readTree(payments.get(at)).get("payment_id").asText();
            world.call("outcome", Map.of("payment_id", id, "outcome", word));
        }
        producer.close(Duration.ZERO);
        System.exit(acknowledged ? 0 : 1);
    }

    private static String word(Future<RecordMetadata> sent) throws InterruptedException {
        try {
            sent.get();
            return "acknowledged";
        } catch (ExecutionException failed) {
            System.err.println(failed.getCause());
            // A time-out is retriable to Java, and so is whatever a broker takes back one day.
            boolean forGood = failed.getCause() instanceof ApiException && !(failed.getCause() instanceof RetriableException);
            return forGood ? "failed" : "unknown";
        }
    }

    private Ex15() {}
}
