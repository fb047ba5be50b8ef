import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** One SQLite transaction for each payment, its offset afterwards. */
final class Ex4 {
    private static final String NOTE = "INSERT INTO applied VALUES (?) ON CONFLICT DO NOTHING";
    private static final String ADD = "INSERT INTO balances VALUES (?, ?) ON CONFLICT (customer_id) "
        + "DO UPDATE SET total_cents = total_cents + excluded.total_cents";

    public static void main(String[] args) throws Exception {
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(Kit.consumer("payments"));
        AtomicBoolean stopping = Kit.stopping();
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + Path.of(Kit.FOLDER, "payments.db") + "?busy_timeout=30000")) {
            try (Statement tables = database.createStatement()) {
                tables.execute("CREATE TABLE IF NOT EXISTS applied (payment_id TEXT PRIMARY KEY)");
                tables.execute("CREATE TABLE IF NOT EXISTS balances (customer_id TEXT PRIMARY KEY, total_cents INTEGER NOT NULL)");
            }
            database.setAutoCommit(false);
            consumer.subscribe(List.of(Kit.topic("payments")));
            while (!stopping.get()) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    if (stopping.get()) break;
                    apply(database, Kit.JSON.readTree(record.value()));
                    commit(consumer, record);
                }
            }
        }
        consumer.close();
    }

    private static void apply(Connection database, JsonNode payment) throws SQLException {
        try (PreparedStatement note = database.prepareStatement(NOTE); PreparedStatement add = database.prepareStatement(ADD)) {
            note.setString(1, payment.get("payment_id").asText());
            if (note.executeUpdate() > 0) {
                add.setString(1, payment.get("customer_id").asText());
                add.setLong(2, payment.get("amount_cents").asLong());
                add.executeUpdate();
            }
            database.commit();
        }
    }

    private static void commit(KafkaConsumer<String, String> consumer, ConsumerRecord<String, String> record) {
        TopicPartition place = new TopicPartition(record.topic(), record.partition());
        try {
            consumer.commitSync(Map.of(place, new OffsetAndMetadata(record.offset() + 1)));
        } catch (KafkaException error) {
            System.err.println("not committed: " + error);
        }
    }
}
