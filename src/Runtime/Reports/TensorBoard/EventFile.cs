using Google.Protobuf;
using Mtlc.Runtime.Files;

namespace Mtlc.Runtime.Reports.TensorBoard;

/// <summary>
/// A run's TensorBoard event file. A run that goes on gets a new file, which begins with what it keeps of the earlier ones, and
/// those go: no reader has to know which of their steps were made again. </summary>
sealed class EventFile : IDisposable
{
    const string Pattern = "events.out.tfevents.*";

    readonly FileStream file;

    /// <param name="keeps">Which summaries of earlier files go on.</param>
    public EventFile(string folder, Predicate<Event> keeps)
    {
        Directory.CreateDirectory(folder);
        var earlier = Directory.GetFiles(folder, Pattern).Order(StringComparer.Ordinal).ToArray();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var path = Path.Combine(
            folder,
            FormattableString.Invariant($"events.out.tfevents.{now / 1000:D10}.{now % 1000:D3}{Environment.ProcessId}.mtlc")
        );
        var whole = Path.Combine(folder, ".next"); // whatever has "tfevents" in its name is read at once
        AtomicFile.WriteDurably(
            whole,
            stream =>
            {
                stream.Write(Record(new() { FileVersion = "brain.Event:2" }));
                // To whoever has read the earlier files: forget all steps from 0 on.
                stream.Write(Record(new() { SessionLog = new() { Status = SessionLog.Types.SessionStatus.Start } }));
                foreach (var data in Kept(earlier, keeps))
                    stream.Write(RecordFraming.Frame(data));
            }
        );
        File.Move(whole, path);
        AtomicFile.FlushFolder(folder);
        foreach (var old in earlier)
            File.Delete(old);
        file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <summary>Adds values of one step; they reach the system at once.</summary>
    public void Write(long step, params IEnumerable<Summary.Types.Value> values)
    {
        var summary = new Summary();
        summary.Value.AddRange(values);
        if (summary.Value.Count > 0)
            file.Write(Record(new() { Step = step, Summary = summary }));
    }

    /// <summary>Makes what was written last.</summary>
    public void FlushToDisk() => RandomAccess.FlushToDisk(file.SafeFileHandle);

    public void Dispose() => file.Dispose();

    static byte[] Record(Event message)
    {
        message.WallTime = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        return RecordFraming.Frame(message.ToByteArray());
    }

    static IEnumerable<byte[]> Kept(IEnumerable<string> files, Predicate<Event> keeps)
    {
        var kept = new List<(long Step, byte[] Data)>();
        foreach (var file in files)
        {
            using var stream = RegularFile.OpenRead(file);
            foreach (var data in RecordFraming.Read(stream))
            {
                var message = Event.Parser.ParseFrom(data);
                if (message.SessionLog?.Status == SessionLog.Types.SessionStatus.Start)
                    kept.RemoveAll(k => k.Step >= message.Step);
                else if (message.Summary is not null && keeps(message))
                    kept.Add((message.Step, data));
            }
        }
        return kept.Select(k => k.Data);
    }
}
