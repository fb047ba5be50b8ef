import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** CooperativeStickyAssignor or the consumer protocol, a commit in onPartitionsRevoked. */
final class Ex3 implements ConsumerRebalanceListener {
    private final KafkaConsumer<String, String> consumer;
    private final Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();

    private Ex3(KafkaConsumer<String, String> consumer) {
        this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> come) {}

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> going) { // called within poll and close
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>(done);
        offsets.keySet().retainAll(going);
        done.keySet().removeAll(going);
        try {
            if (!offsets.isEmpty()) consumer.commitSync(offsets);
        } catch (KafkaException error) {
            System.err.println("not committed: " + error);
        }
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
        done.keySet().removeAll(lost);
    }

    private void work(AtomicBoolean stopping, Kit.Downstream world) throws Exception {
        consumer.subscribe(List.of(Kit.topic("high-volume")), this);
        while (!stopping.get()) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                if (stopping.get()) break;
                world.call("process", Kit.JSON.readTree(record.value()));
                done.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
            }
        }
    }

    public static void main(String[] args) throws Exception {
        Properties properties = Kit.consumer("scaling");
        if (!Kit.CONSUMER_PROTOCOL) properties.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        Kit.Downstream world = new Kit.Downstream();
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(properties);
        AtomicBoolean stopping = Kit.stopping();
        new Ex3(consumer).work(stopping, world);
        consumer.close(); // revokes, and leaves the group
    }
}
