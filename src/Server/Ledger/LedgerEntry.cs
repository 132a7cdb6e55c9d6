using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Raywright.Server.Ledger;

/// <summary>One change of the installation. Never updated but for its hash, never deleted.</summary>
internal sealed class LedgerEntry
{
    public long Sequence { get; set; }

    /// <summary>UTC microseconds.</summary>
    public required long At { get; init; }

    public required string Actor { get; init; }

    /// <summary>What was done, e.g. <c>deploy</c>.</summary>
    public required string Action { get; init; }

    /// <summary>To what, e.g. <c>dev/iris</c>.</summary>
    public required string Target { get; init; }

    public required string Summary { get; init; }

    /// <summary>Figures and names for programs, as JSON.</summary>
    public string? Data { get; init; }

    /// <summary>Null until it is sealed into the chain.</summary>
    public string? Hash { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<LedgerEntry>
    {
        public void Configure(EntityTypeBuilder<LedgerEntry> builder)
        {
            builder.ToTable("ledger");
            builder.HasKey(row => row.Sequence);
            builder.Property(row => row.Sequence).ValueGeneratedOnAdd();
            builder.HasIndex(row => new { row.Target, row.Sequence });
        }
    }
}
