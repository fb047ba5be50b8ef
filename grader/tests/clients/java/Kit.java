import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What modules/reference/contract.md asks of every program, for Java. */
final class Kit {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String SERVERS = env("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092");
    static final String ROLE = env("KAFKACOURSE_ROLE", "me");
    static final String FOLDER = env("KAFKACOURSE_FOLDER", ".");
    static final boolean CONSUMER_PROTOCOL = env("GROUP_PROTOCOL", "").equals("consumer");

    static String topic(String name) {
        return env("KAFKA_TOPIC_" + variable(name), name);
    }

    static String group(String name) {
        return env("KAFKA_GROUP_" + variable(name), name);
    }

    private static String env(String name, String fallback) {
        String value = System.getenv(name);
        return value == null ? fallback : value;
    }

    private static String variable(String name) {
        return name.toUpperCase().replaceAll("[^A-Z0-9]", "_");
    }

    /** A consumer of text that starts at the oldest record and commits when it is told to. */
    static Properties consumer(String group) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", SERVERS);
        properties.put("group.id", group(group));
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        properties.put("key.deserializer", StringDeserializer.class.getName());
        properties.put("value.deserializer", StringDeserializer.class.getName());
        if (CONSUMER_PROTOCOL) properties.put("group.protocol", "consumer");
        return properties;
    }

    /**
     * True from the moment at which the program is asked to stop. A JVM that gets SIGTERM ends with status 143 whatever its
     * hooks do, so the hook waits for the main thread and ends it with 0.
     */
    static AtomicBoolean stopping() {
        AtomicBoolean stopping = new AtomicBoolean();
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping.set(true);
            try {
                main.join();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            Runtime.getRuntime().halt(0);
        }));
        return stopping;
    }

    /** The outside world answered, and the answer was no. */
    static final class Refused extends Exception {
        Refused(String reason) {
            super(reason);
        }
    }

    /** The connection to the outside world. */
    static final class Downstream {
        private BufferedReader in;
        private Writer out;

        Downstream() throws IOException {
            String address = env("KAFKACOURSE_DOWNSTREAM", "");
            if (address.isEmpty()) return; // by hand: calls are printed, and succeed
            int colon = address.lastIndexOf(':');
            Socket socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8);
        }

        void call(String op, Object args) throws IOException, Refused {
            String line = JSON.writeValueAsString(Map.of("op", op, "args", args));
            if (out == null) {
                System.out.println(line);
                return;
            }
            out.write(line + "\n");
            out.flush();
            String said = in.readLine();
            if (said == null) throw new EOFException("the outside world hung up");
            JsonNode answer = JSON.readTree(said);
            if (!answer.get("ok").asBoolean()) throw new Refused(answer.get("error").asText());
        }
    }

    private Kit() {}
}
