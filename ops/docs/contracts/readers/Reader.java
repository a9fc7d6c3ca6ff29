// usage: java -cp 'build/kafka/4.4.0/lib/*' ops/docs/contracts/readers/Reader.java BOOTSTRAP [TOPIC [GROUP]] [--to-end]
//
// Reads results and prints one line for each: provider, dossierId, processId, status, PARTITION:OFFSET. Needs kafka-clients and
// jackson-databind, and a JDK from 17 on. --to-end stops at the end of the topic; without it the reader goes on.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

public class Reader {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    List<String> words = new ArrayList<>(List.of(args));
    boolean toEnd = words.remove("--to-end");
    if (words.isEmpty() || words.size() > 3) {
      System.err.println("usage: Reader BOOTSTRAP [TOPIC [GROUP]] [--to-end]");
      System.exit(2);
    }
    String topic = words.size() > 1 ? words.get(1) : "processes";
    Map<String, Object> settings = Map.of(
        "bootstrap.servers", words.get(0),
        "group.id", words.size() > 2 ? words.get(2) : "sample-reader",
        "isolation.level", "read_committed", // Java's default shows aborted results
        "auto.offset.reset", "earliest",     // a new group begins with the oldest result
        "enable.auto.commit", false);        // committed below, once results are handled
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(topic));
      do {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofSeconds(1));
        for (ConsumerRecord<String, String> record : records) handle(record);
        if (!records.isEmpty()) consumer.commitSync();
      } while (!toEnd || !isAtEnd(consumer));
    }
  }

  /** A crash before the commit repeats it: store by partition and offset, so that a repetition changes nothing. */
  private static void handle(ConsumerRecord<String, String> record) throws Exception {
    Header schema = record.headers().lastHeader("schema");
    // 2: events that are their own result, where null stands in place of ids that they do not have
    if (schema == null || !List.of("1", "2").contains(new String(schema.value(), StandardCharsets.UTF_8))) {
      throw new IllegalStateException("unknown schema at " + record.partition() + ":" + record.offset());
    }
    JsonNode result = JSON.readTree(record.value());
    System.out.println(String.join(" ", result.get("provider").asText(), result.get("dossierId").asText("-"),
        result.get("processId").asText("-"), result.get("status").asText("-"),
        record.partition() + ":" + record.offset()));
  }

  private static boolean isAtEnd(KafkaConsumer<?, ?> consumer) {
    var partitions = consumer.assignment();
    return !partitions.isEmpty()
        && consumer.endOffsets(partitions).entrySet().stream()
            .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }
}
