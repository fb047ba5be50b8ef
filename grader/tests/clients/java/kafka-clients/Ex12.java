import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringSerializer;

/** What a poll brings, its payments and its offsets are one transaction. */
final class Ex12 {
    private final KafkaConsumer<String, String> consumer;
    private final KafkaProducer<String, String> producer;
    private final Kit.Downstream world = new Kit.Downstream();

    private Ex12() throws IOException {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", Kit.SERVERS);
        properties.put("transactional.id", Kit.group("payment-service") + "-" + Kit.ROLE);
        properties.put("key.serializer", StringSerializer.class.getName());
        properties.put("value.serializer", StringSerializer.class.getName());
        producer = new KafkaProducer<>(properties);
        producer.initTransactions();
        Properties reading = Kit.consumer("payment-service");
        reading.put("isolation.level", "read_committed");
        consumer = new KafkaConsumer<>(reading);
    }

    public static void main(String[] args) throws Exception {
        AtomicBoolean stopping = Kit.stopping();
        new Ex12().serve(stopping);
    }

    private void serve(AtomicBoolean stopping) throws IOException {
        consumer.subscribe(List.of(Kit.topic("orders")));
        while (!stopping.get()) {
            ConsumerRecords<String, String> batch = consumer.poll(Duration.ofMillis(100));
            if (batch.isEmpty()) continue;
            try {
                transact(batch);
            } catch (ProducerFencedException | InvalidProducerEpochException replaced) {
                throw replaced;
            } catch (KafkaException | Kit.Refused error) {
                System.err.println("aborted: " + error);
                producer.abortTransaction();
                goBack();
            }
        }
        consumer.close();
        producer.close();
    }

    private void transact(ConsumerRecords<String, String> batch) throws IOException, Kit.Refused {
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> behind = new HashMap<>();
        for (ConsumerRecord<String, String> record : batch) {
            behind.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
            JsonNode order = parse(record.value());
            if (order == null) continue;
            world.call("approve", order);
            ObjectNode payment = Kit.JSON.createObjectNode();
            payment.set("order_id", order.get("order_id"));
            payment.set("customer_id", order.get("customer_id"));
            payment.put("amount_cents", order.get("quantity").asLong() * order.get("price_cents").asLong());
            producer.send(new ProducerRecord<>(Kit.topic("payments"), record.key(), payment.toString()));
        }
        producer.sendOffsetsToTransaction(behind, consumer.groupMetadata());
        producer.commitTransaction();
    }

    /** The order, or null where it is none. */
    private static JsonNode parse(String value) {
        try {
            JsonNode order = Kit.JSON.readTree(value);
            return order != null && order.isObject() ? order : null;
        } catch (JsonProcessingException malformed) {
            return null;
        }
    }

    private void goBack() {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
        for (TopicPartition place : consumer.assignment()) {
            OffsetAndMetadata at = committed.get(place);
            if (at == null) {
                consumer.seekToBeginning(List.of(place));
            } else {
                consumer.seek(place, at);
            }
        }
    }
}
